import { pageOf } from '@bulkhead/chassis/aggregate-pages'
import type { Versioned } from '@bulkhead/chassis/aggregates'
import { edited } from '@bulkhead/chassis/aggregates'
import { shown, shownUnlessKnown } from '@bulkhead/chassis/answers'
import type { Clock } from '@bulkhead/chassis/clock'
import { newId } from '@bulkhead/chassis/ids'
import { found } from '@bulkhead/chassis/problem'
import { operations } from '@bulkhead/chassis/routes'
import { refuseTaken } from '@bulkhead/chassis/unique-keys'
import { categoryCreated, categoryRenamed } from '../events.ts'
import type { Categories } from '../store.ts'
import { categoryKeys } from '../taken-problems.ts'
import { createCategory, getCategory, listCategories, renameCategory } from './operations.ts'
import type { Category } from './schemas.ts'
import { placedBelow } from './tree.ts'

type Deps = { categories: Categories; clock: Clock }

export function categoryRoutes({ categories, clock }: Deps) {
  return operations()
    .handle(createCategory, async ({ body: { name, parent }, context }) => {
      const above = parent === undefined ? undefined : await categories.byId(parent)
      const category = { id: newId('cat', clock), name, ...placedBelow(parent, above) }
      return shown(201, await categories.insert(category, [categoryCreated], context).catch(refuseTaken(categoryKeys)))
    })
    .handle(getCategory, async ({ params, header }) =>
      shownUnlessKnown(header('if-none-match'), found(await categories.byId(params.id)), category => category)
    )
    .handle(listCategories, async ({ query: { ids, parent, limit, cursor } }) => {
      if (ids) return { status: 200, body: { items: await categories.byIds(ids) } }
      const filter = parent === undefined ? {} : { parent: parent === 'none' ? { $exists: false } : parent }
      const sort = { field: 'name', direction: 1 as const }
      const scope = { list: 'categories', parent }
      return { status: 200, body: await pageOf(categories, { filter, sort, limit, cursor, scope }) }
    })
    .handle(renameCategory, async ({ params, body, ifMatch, context }) => {
      const rename = (category: Versioned<Category>) => edited(category, { ...category, ...body }, categoryRenamed)
      return shown(200, await categories.change(params.id, ifMatch, rename, context).catch(refuseTaken(categoryKeys)))
    }).router
}
