import { type Clock, found, newId } from '@bulkhead/chassis/core'
import { fieldsOf, operations, shown, shownUnlessKnown } from '@bulkhead/chassis/http'
import { edited, pageOf, refuseTaken, type Versioned } from '@bulkhead/chassis/mongo'
import { categoryCreated, categoryRenamed } from '../events.ts'
import type { Categories } from '../store.ts'
import { categoryKeys } from '../taken-problems.ts'
import { createCategory, getCategory, listCategories, renameCategory } from './operations.ts'
import { type Category, category } from './schemas.ts'
import { placedBelow } from './tree.ts'

type Deps = { categories: Categories; clock: Clock }

const ofCategory = fieldsOf(category)

export function categoryRoutes({ categories, clock }: Deps) {
  return operations()
    .handle(createCategory, async ({ body: { name, parent }, context }) => {
      const above = parent === undefined ? undefined : await categories.byId(parent)
      const made = { id: newId('cat', clock), name, ...placedBelow(parent, above) }
      const inserting = categories.insert(made, [categoryCreated], context)
      return shown(201, ofCategory(await inserting.catch(refuseTaken(categoryKeys))))
    })
    .handle(getCategory, async ({ params, header }) =>
      shownUnlessKnown(header('if-none-match'), found(await categories.byId(params.id)), ofCategory)
    )
    .handle(listCategories, async ({ query: { ids, parent, limit, cursor } }) => {
      if (ids) return { status: 200, body: { items: (await categories.byIds(ids)).map(ofCategory) } }
      const filter = parent === undefined ? {} : { parent: parent === 'none' ? { $exists: false } : parent }
      const sort = { field: 'name', direction: 1 as const }
      const scope = { list: 'categories', parent }
      const page = await pageOf(categories, { filter, sort, limit, cursor, scope })
      return { status: 200, body: { ...page, items: page.items.map(ofCategory) } }
    })
    .handle(renameCategory, async ({ params, body, ifMatch, context }) => {
      const rename = (category: Versioned<Category>) => edited(category, { ...category, ...body }, categoryRenamed)
      const renaming = categories.change(params.id, ifMatch, rename, context)
      return shown(200, ofCategory(await renaming.catch(refuseTaken(categoryKeys))))
    }).router
}
