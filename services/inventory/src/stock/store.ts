import { isDuplicateKey, refusedWrites, tryInsert } from '@bulkhead/chassis/mongo'
import type { AnyBulkWriteOperation, Db, Filter, MongoBulkWriteError } from 'mongodb'
import type { Adjustment } from './history.ts'

/** Maximum number of holds of one SKU. All of them are in the SKU's document, with 200 bytes each. */
export const MOST_HOLDS = 1_000

/**
 * The keys of the buyer and of the buyer's network. A hold has no keys if its order is paid, if an older release made it, or if `orders`
 * does not know the buyer.
 */
export type Holder = { buyer?: string | undefined; network?: string | undefined }

/** Pieces held for an order. `id` is the hold's own ID; `take` is the reservation's take at the time of the hold. */
export type Hold = Holder & { id: string; orderId: string; take: number; quantity: number; at: Date }

/** The stock of the SKU `_id`. After every write, `onHand` is the sum of `available` and the quantities of all holds. */
export type StoredStock = {
  _id: string
  schemaVersion: 1
  onHand: number
  available: number
  holds: Hold[]
  /** The latest import that counted the SKU. */
  counted?: string
  /** The latest adjustment. The history has the older ones. */
  last: Adjustment
}

/** The stock of a SKU without its holds, of which there may be a thousand. */
export type StockLevel = Pick<StoredStock, '_id' | 'onHand' | 'available'>

/** A SKU with its holds. */
export type HoldsOfSku = Pick<StoredStock, '_id' | 'holds'>

/** The count of one SKU in an import. */
export type Counting = {
  sku: string
  /** The stock as it was read; undefined for a SKU without stock. */
  before: StoredStock | undefined
  /** The adjustment of the count. Undefined if the count changes nothing. */
  adjustment: Adjustment | undefined
  /** The condition for the available pieces at the time of this write: a number or a filter. */
  available: Filter<StoredStock>['available']
}

/** Queries of the stock, one document for each SKU. A function that writes makes one write, and returns true if its condition was met. */
export type StockStore = {
  bySku(sku: string): Promise<StoredStock | null>
  /** Returns the stock of the SKUs that have any, in any order. */
  bySkus(skus: string[]): Promise<StoredStock[]>
  levelOf(sku: string): Promise<StockLevel | null>
  /** Returns the levels of the SKUs that have stock, in any order. */
  levelsOf(skus: string[]): Promise<StockLevel[]>
  /** Returns up to `limit` levels after a SKU, sorted by SKU. */
  levelsAfter(sku: string, limit: number): Promise<StockLevel[]>
  /** Returns all SKUs with holds, in groups of up to `size`. */
  withHolds(size: number): AsyncIterable<HoldsOfSku[]>
  /**
   * Places a hold if all of these conditions are true:
   * - The SKU has enough available pieces and fewer than `MOST_HOLDS` holds.
   * - Neither the order nor its buyer has a hold of the SKU.
   * - `known` has the IDs of all holds of the SKU that belong to the network.
   */
  hold(sku: string, hold: Hold, known: string[]): Promise<boolean>
  /** Removes a hold and makes its pieces available again. Returns false if the hold does not exist. */
  giveBack(sku: string, hold: Hold): Promise<boolean>
  /** Removes a hold and its pieces. Returns false if the hold does not exist. */
  takeOut(sku: string, hold: Hold): Promise<boolean>
  /** Adds the first stock of a SKU. Returns false if the SKU already has stock. */
  insert(sku: string, last: Adjustment): Promise<boolean>
  /** Makes an adjustment if `before.last` is still the latest one and `condition` is met. */
  adjust(before: StoredStock, adjustment: Adjustment, condition: Filter<StoredStock>): Promise<boolean>
  /**
   * Writes the countings of an import. Skips a counting if its stock has changed since it was read. Returns the number of written
   * countings.
   */
  count(importId: string, countings: Counting[]): Promise<number>
}

export function stockStore(db: Db): StockStore {
  const stock = db.collection<StoredStock>('stock', { ignoreUndefined: true })

  async function removeHold(sku: string, { id, quantity }: Hold, change: { onHand: number } | { available: number }) {
    const update = { $pull: { holds: { id, quantity } }, $inc: change }
    return (await stock.updateOne({ _id: sku, 'holds.id': id }, update)).matchedCount === 1
  }

  return {
    bySku: sku => stock.findOne({ _id: sku }),

    bySkus: skus => stock.find({ _id: { $in: skus } }).toArray(),

    levelOf: sku => stock.findOne<StockLevel>({ _id: sku }, { projection: LEVEL }),

    levelsOf: skus =>
      stock
        .find({ _id: { $in: skus } })
        .project<StockLevel>(LEVEL)
        .toArray(),

    levelsAfter: (sku, limit) =>
      stock
        .find({ _id: { $gt: sku } })
        .sort({ _id: 1 })
        .limit(limit)
        .project<StockLevel>(LEVEL)
        .toArray(),

    async *withHolds(size) {
      let group: HoldsOfSku[] = []
      const documents = stock.find({ 'holds.0': { $exists: true } }).project<HoldsOfSku>({ holds: 1 })
      for await (const document of documents.batchSize(size)) {
        group.push(document)
        if (group.length < size) continue
        yield group
        group = []
      }
      if (group.length > 0) yield group
    },

    async hold(sku, hold, known) {
      const { orderId, buyer, network, quantity } = hold
      const filter: Filter<StoredStock> = {
        _id: sku,
        available: { $gte: quantity },
        'holds.orderId': { $ne: orderId },
        [`holds.${MOST_HOLDS - 1}`]: { $exists: false }
      }
      if (buyer !== undefined) filter['holds.buyer'] = { $ne: buyer }
      if (network !== undefined) filter.holds = { $not: { $elemMatch: { network, id: { $nin: known } } } }
      const { matchedCount } = await stock.updateOne(filter, { $inc: { available: -quantity }, $push: { holds: hold } })
      return matchedCount === 1
    },

    giveBack: (sku, hold) => removeHold(sku, hold, { available: hold.quantity }),

    takeOut: (sku, hold) => removeHold(sku, hold, { onHand: -hold.quantity }),

    insert: (sku, last) => tryInsert(stock.insertOne(firstStock(sku, last))),

    async adjust(before, adjustment, condition) {
      const { change } = adjustment
      const { matchedCount } = await stock.updateOne(
        { ...condition, _id: before._id, 'last.number': before.last.number },
        { $inc: { onHand: change, available: change }, $set: { last: adjustment } }
      )
      return matchedCount === 1
    },

    async count(importId, countings) {
      if (countings.length === 0) return 0
      const writes = countings.map(counting => countingWrite(importId, counting))
      const { insertedCount, matchedCount } = await stock
        .bulkWrite(writes, { ordered: false })
        .catch(resultUnlessFailed)
      return insertedCount + matchedCount
    }
  }
}

const LEVEL = { onHand: 1, available: 1 }

const firstStock = (sku: string, last: Adjustment): StoredStock => ({
  _id: sku,
  schemaVersion: 1,
  onHand: last.change,
  available: last.change,
  holds: [],
  last
})

function countingWrite(
  counted: string,
  { sku, before, adjustment, available }: Counting
): AnyBulkWriteOperation<StoredStock> {
  if (!before) return { insertOne: { document: { ...firstStock(sku, adjustment!), counted } } }
  const filter = { ...unchanged(before), available }
  if (!adjustment) return { updateOne: { filter, update: { $set: { counted } } } }
  const { change } = adjustment
  const update = { $inc: { onHand: change, available: change }, $set: { last: adjustment, counted } }
  return { updateOne: { filter, update } }
}

/** Returns a filter that matches the stock if its pieces on hand are unchanged. Holds may have changed. */
const unchanged = ({ _id, onHand, last, counted }: StoredStock): Filter<StoredStock> => ({
  _id,
  onHand,
  'last.number': last.number,
  counted: counted ?? { $exists: false }
})

/** Returns the result of a batch in which only inserts of existing stock were refused. Throws any other error. */
function resultUnlessFailed(error: MongoBulkWriteError) {
  if (refusedWrites(error).every(isDuplicateKey)) return error.result
  throw error
}
