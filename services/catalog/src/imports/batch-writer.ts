import type { Trace } from '@bulkhead/chassis/contract'
import { type Clock, type Problem, unavailable } from '@bulkhead/chassis/core'
import type { Change } from '@bulkhead/chassis/mongo'
import type { Categories } from '../categories/store.ts'
import type { Families } from '../families/store.ts'
import type { StoredProduct } from '../products/document.ts'
import type { Products } from '../products/store.ts'
import type { Batch } from './batches.ts'
import { categoryPaths } from './category-paths.ts'
import { type FileProduct, readFileProducts } from './file-product.ts'
import { isTaken, type Outcome, outcomeOf, type Taken } from './outcome.ts'
import { changedByImport, createdByImport, type Ground } from './rules.ts'

/** The stores that an import writes to. */
export type Catalogue = { products: Products; families: Families; categories: Categories }

type Order = Trace & { currency: string; family?: string }

/** A batch while it is taken. */
type Work = {
  products: Products
  order: Order
  imported: Map<string, FileProduct>
  taken: Taken
  groundOf: (handle: string, family: string | undefined) => Ground
}

/**
 * Takes the products of a batch into the catalogue, by their handles: inserts those that are new and changes the others
 * where they differ. A product that the rules refuse leaves the others alone. Rejects when the store is away; taken
 * again, what was taken is unchanged.
 */
export function batchWriter(order: Order, { products, families, categories }: Catalogue, clock: Clock) {
  const paths = categoryPaths(categories, clock, order)
  return async (batch: Batch): Promise<Outcome> => {
    const imported = await readFileProducts(batch, order, paths)
    const handles = [...imported.keys()]
    const present = await presentOf(products, handles)
    const familyOf = await familiesOf(families, [order, ...present.values()])
    const taken: Taken = { results: new Map(), notes: new Map() }
    const groundOf = (handle: string, family: string | undefined) => ({
      family: familyOf(family),
      at: clock.now(),
      note: (problem: Problem | undefined) => void taken.notes.set(handle, problem)
    })
    const work: Work = { products, order, imported, taken, groundOf }
    const refused = (type: string) => handles.filter(handle => isTaken(taken.results.get(handle), type))

    await create(work, except(handles, present))
    // Where a handle was taken meanwhile, the product is changed after all.
    const there = new Map([...present, ...(await presentOf(products, refused('handle-taken')))])
    await change(work, there)
    // A SKU that moved is free once the product that had it is changed, which may wait for another in turn.
    let waiting = there.size > 0 ? refused('sku-taken') : []
    for (let before = Infinity; waiting.length > 0 && waiting.length < before; waiting = refused('sku-taken')) {
      before = waiting.length
      await create(work, except(waiting, there))
      await change(work, new Map([...there].filter(([handle]) => waiting.includes(handle))))
    }
    return outcomeOf(batch, imported, taken)
  }
}

const except = (handles: string[], present: Map<string, Present>) => handles.filter(handle => !present.has(handle))

async function create({ products, order, imported, taken, groundOf }: Work, handles: string[]) {
  const creations = new Map<string, Change<StoredProduct>>()
  for (const handle of handles) {
    try {
      creations.set(handle, createdByImport(imported.get(handle)!, groundOf(handle, order.family)))
    } catch (reason) {
      taken.results.set(handle, { status: 'rejected', reason, versionBefore: 0 })
    }
  }
  const inserted = await products.insertMany([...creations.values()], order)
  for (const [place, handle] of [...creations.keys()].entries())
    taken.results.set(handle, { ...inserted[place]!, versionBefore: 0 })
}

async function change({ products, order, imported, taken, groundOf }: Work, present: Map<string, Present>) {
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
}

type Present = { id: string; version: number; family?: string }

async function presentOf(products: Products, handles: string[]): Promise<Map<string, Present>> {
  if (handles.length === 0) return new Map()
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
