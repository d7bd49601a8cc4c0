import { type Clock, newId, orNotFound } from '@bulkhead/chassis/core'
import { fieldPicker, operations, withETag, withETagOr304 } from '@bulkhead/chassis/http'
import { edited, type Versioned } from '@bulkhead/chassis/mongo'
import { categoryCreated, categoryRenamed } from './events.ts'
import { createCategory, getCategory, listCategories, renameCategory } from './operations.ts'
import { type Category, category } from './schemas.ts'
import type { Categories } from './store.ts'
import { placeBelow } from './tree.ts'

const toCategory = fieldPicker(category)

export function categoryRoutes(categories: Categories, clock: Clock) {
  return operations()
    .handle(createCategory, async ({ body: { name, parent }, context }) => {
      const parentCategory = parent === undefined ? undefined : await categories.byId(parent)
      const category = { id: newId('cat', clock), name, ...placeBelow(parent, parentCategory) }
      return withETag(201, toCategory(await categories.insert(category, [categoryCreated], context)))
    })
    .handle(getCategory, async ({ params, header }) =>
      withETagOr304(header('if-none-match'), orNotFound(await categories.byId(params.id)), toCategory)
    )
    .handle(listCategories, async ({ query }) => {
      const page = query.ids ? { items: await categories.byIds(query.ids) } : await categories.page(query)
      return { status: 200, body: { ...page, items: page.items.map(toCategory) } }
    })
    .handle(renameCategory, async ({ params, body, ifMatch, context }) => {
      const rename = (category: Versioned<Category>) => edited(category, { ...category, ...body }, categoryRenamed)
      return withETag(200, toCategory(await categories.change(params.id, ifMatch, rename, context)))
    }).router
}
