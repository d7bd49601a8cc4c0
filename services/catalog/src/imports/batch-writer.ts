import { type Clock, type Problem, unavailable } from '@bulkhead/chassis/core'
import type { Change } from '@bulkhead/chassis/mongo'
import type { Categories } from '../categories/store.ts'
import type { Families } from '../families/store.ts'
import type { StoredProduct } from '../products/document.ts'
import type { Products } from '../products/store.ts'
import type { Batch } from './batches.ts'
import { categoryPaths } from './category-paths.ts'
import { type FileProduct, readFileProducts } from './file-product.ts'
import type { ImportOrder } from './jobs.ts'
import { type BatchWrites, countOutcome, isConflict, type Outcome } from './outcome.ts'
import { changeByImport, createByImport, type RuleContext } from './rules.ts'

/** The stores that an import writes to. */
export type Catalogue = { products: Products; families: Families; categories: Categories }

/** The state of a batch while its products are written. */
type Work = BatchWrites & {
  products: Products
  order: ImportOrder
  fileProducts: Map<string, FileProduct>
  contextOf: (handle: string, family: string | undefined) => RuleContext
}

/**
 * Returns a function that writes batches of one import into the catalogue. The function finds products by their handles, inserts new
 * products, and changes stored products that differ. A product that the rules refuse does not affect the others. The function rejects if
 * the store is not available. A second try does not change the products that the first try wrote.
 */
export function batchWriter(order: ImportOrder, { products, families, categories }: Catalogue, clock: Clock) {
  const paths = categoryPaths(categories, clock, order)
  return async (batch: Batch): Promise<Outcome> => {
    const fileProducts = await readFileProducts(batch, order, paths)
    const present = await findPresent(products, [...fileProducts.keys()])
    const familyOf = await findFamilies(families, [order, ...present.values()])
    const results: BatchWrites['results'] = new Map()
    const unpublished: BatchWrites['unpublished'] = new Map()
    const contextOf = (handle: string, family: string | undefined) => ({
      family: familyOf(family),
      now: clock.now(),
      setUnpublishedReason: (problem: Problem | undefined) => void unpublished.set(handle, problem)
    })
    await writeProducts({ products, order, fileProducts, results, unpublished, contextOf }, present)
    return countOutcome(batch, fileProducts, { results, unpublished })
  }
}

async function writeProducts(work: Work, present: Map<string, Present>) {
  const handles = [...work.fileProducts.keys()]
  const refused = (type: string) => handles.filter(handle => isConflict(work.results.get(handle), type))
  await create(work, without(handles, present))
  // Another writer may have created some of the products in the meantime. These products are changed instead.
  const known = new Map([...present, ...(await findPresent(work.products, refused('handle-taken')))])
  await change(work, known)
  // A SKU moves in two steps: the change of its earlier product frees it. That product may wait for another SKU in turn.
  let waiting = known.size > 0 ? refused('sku-taken') : []
  for (let before = Infinity; waiting.length > 0 && waiting.length < before; waiting = refused('sku-taken')) {
    before = waiting.length
    await create(work, without(waiting, known))
    await change(work, new Map([...known].filter(([handle]) => waiting.includes(handle))))
  }
}

const without = (handles: string[], present: Map<string, Present>) => handles.filter(handle => !present.has(handle))

async function create({ products, order, fileProducts, results, contextOf }: Work, handles: string[]) {
  const creations = new Map<string, Change<StoredProduct>>()
  for (const handle of handles) {
    try {
      creations.set(handle, createByImport(fileProducts.get(handle)!, contextOf(handle, order.family)))
    } catch (reason) {
      results.set(handle, { status: 'rejected', reason, versionBefore: 0 })
    }
  }
  const inserted = await products.insertMany([...creations.values()], order)
  for (const [place, handle] of [...creations.keys()].entries())
    results.set(handle, { ...inserted[place]!, versionBefore: 0 })
}

async function change({ products, order, fileProducts, results, contextOf }: Work, present: Map<string, Present>) {
  const handles = new Map([...present].map(([handle, { id }]) => [id, handle]))
  const changed = await products.changeMany(
    [...handles.keys()],
    before => {
      const handle = handles.get(before.id)!
      return changeByImport(before, fileProducts.get(handle)!, contextOf(handle, order.family ?? before.family))
    },
    order
  )
  for (const [place, [handle, { version }]] of [...present].entries())
    results.set(handle, { ...changed[place]!, versionBefore: version })
}

type Present = { id: string; version: number; family?: string }

async function findPresent(products: Products, handles: string[]): Promise<Map<string, Present>> {
  if (handles.length === 0) return new Map()
  const documents = await products.collection
    .find({ handle: { $in: handles } })
    .project<Omit<Present, 'id'> & { _id: string; handle: string }>({ handle: 1, version: 1, family: 1 })
    .toArray()
  return new Map(documents.map(({ _id, handle, ...rest }) => [handle, { id: _id, ...rest }]))
}

async function findFamilies(families: Families, holders: { family?: string | undefined }[]) {
  const ids = new Set(holders.flatMap(({ family }) => family ?? []))
  const byId = new Map((ids.size > 0 ? await families.byIds([...ids]) : []).map(family => [family.id, family]))
  return (id: string | undefined) => {
    const family = id === undefined ? undefined : byId.get(id)
    // A product got this family after the families were read. The next try of the batch reads the family.
    if (id !== undefined && !family) throw unavailable(`The family ${id}`)
    return family
  }
}
