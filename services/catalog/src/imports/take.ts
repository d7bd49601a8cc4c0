import type { Change } from '@bulkhead/chassis/aggregates'
import type { Clock } from '@bulkhead/chassis/clock'
import type { Trace } from '@bulkhead/chassis/events'
import { type Problem, unavailable } from '@bulkhead/chassis/problem'
import type { StoredProduct } from '../products/document.ts'
import type { Column } from '../shopify/columns.ts'
import type { Families, Products, Stores } from '../store.ts'
import type { Batch } from './batches.ts'
import type { CategoryPaths } from './category-paths.ts'
import type { Imported } from './merge.ts'
import { isHandleTaken, type Outcome, outcomeOf, type Taken } from './outcome.ts'
import { changedByImport, createdByImport } from './rules.ts'

type Deps = Pick<Stores, 'products' | 'families'> & { paths: CategoryPaths; clock: Clock }
type Order = Trace & { currency: string; family?: string }

/**
 * Takes the products of a batch into the catalogue, by their handles: inserts those that are new and changes the others
 * where they differ. A product that the rules refuse leaves the others alone. Rejects when the store is away; taken
 * again, what was taken is unchanged.
 */
export async function takeProducts(batch: Batch, order: Order, deps: Deps): Promise<Outcome> {
  const { products, families, paths, clock } = deps
  const imported = await importedOf(batch, order, paths)
  const present = await presentOf(products, [...imported.keys()])
  const familyOf = await familiesOf(families, [order, ...present.values()])
  const taken: Taken = { results: new Map(), notes: new Map() }
  const groundOf = (handle: string, family: string | undefined) => ({
    family: familyOf(family),
    at: clock.now(),
    note: (problem: Problem | undefined) => void taken.notes.set(handle, problem)
  })

  const creations = new Map<string, Change<StoredProduct>>()
  for (const [handle, one] of imported) {
    if (present.has(handle)) continue
    try {
      creations.set(handle, createdByImport(one, groundOf(handle, order.family)))
    } catch (reason) {
      taken.results.set(handle, { status: 'rejected', reason, versionBefore: 0 })
    }
  }
  const inserted = await products.insertMany([...creations.values()], order)
  for (const [place, handle] of [...creations.keys()].entries())
    taken.results.set(handle, { ...inserted[place]!, versionBefore: 0 })

  // Where a handle was taken meanwhile, the product is changed after all.
  const late = [...creations.keys()].filter(handle => isHandleTaken(taken.results.get(handle)!))
  if (late.length > 0) for (const [handle, one] of await presentOf(products, late)) present.set(handle, one)
  const handles = new Map([...present].map(([handle, { id }]) => [id, handle]))
  const changed = await products.changeMany(
    [...handles.keys()],
    before => {
      const handle = handles.get(before.id)!
      return changedByImport(before, imported.get(handle)!, groundOf(handle, order.family ?? before.family))
    },
    order
  )
  for (const [place, [handle, { version }]] of [...present].entries())
    taken.results.set(handle, { ...changed[place]!, versionBefore: version })
  return outcomeOf(batch, imported, taken)
}

async function importedOf({ products, columns }: Batch, { currency, family }: Order, paths: CategoryPaths) {
  const imported = new Map<string, Imported>()
  const hasCategories = columns.has('Product Category' satisfies Column)
  for (const { product, madeSkus, isPartial } of products) {
    const ids = product.category === undefined ? [] : await paths.idsOf(product.category)
    const categories = hasCategories ? ids : undefined
    imported.set(product.handle, { product, madeSkus, isPartial, columns, currency, family, categories })
  }
  return imported
}

type Present = { id: string; version: number; family?: string }

async function presentOf(products: Products, handles: string[]): Promise<Map<string, Present>> {
  const found = await products.collection
    .find({ handle: { $in: handles } })
    .project<Omit<Present, 'id'> & { _id: string; handle: string }>({ handle: 1, version: 1, family: 1 })
    .toArray()
  return new Map(found.map(({ _id, handle, ...rest }) => [handle, { id: _id, ...rest }]))
}

async function familiesOf(families: Families, holders: { family?: string }[]) {
  const ids = new Set(holders.flatMap(({ family }) => family ?? []))
  const found = new Map((ids.size > 0 ? await families.byIds([...ids]) : []).map(family => [family.id, family]))
  return (id: string | undefined) => {
    const family = id === undefined ? undefined : found.get(id)
    // A product got it only now: another try reads it.
    if (id !== undefined && !family) throw unavailable(`The family ${id}`)
    return family
  }
}
