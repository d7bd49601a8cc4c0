import { isDuplicateKey, refusedWrites } from '@bulkhead/chassis/mongo'
import type { Db, Filter, MongoBulkWriteError } from 'mongodb'
import { MOST_HOLDS } from '../limits.ts'
import type { Adjustment } from './history.ts'

/**
 * The keys of the buyer that a hold is for and of the network that asked for it. Neither is there for a paid order, for a hold of the
 * release before, and where orders does not know it.
 */
export type Holder = { buyer?: string | undefined; network?: string | undefined }

/** Pieces held for an order. `id` names this hold alone; `take` is the take of the reservation that made it. */
export type Hold = Holder & { id: string; orderId: string; take: number; quantity: number; at: Date }

/** The stock of the SKU `_id`: `onHand` is `available` and the quantities of `holds` together, after every write. */
export type StoredStock = {
  _id: string
  schemaVersion: 1
  onHand: number
  available: number
  holds: Hold[]
  /** The latest import that counted it. */
  counted?: string
  /** The latest adjustment; those before it are in the history. */
  last: Adjustment
}

/**
 * A SKU that an import counted: as it was read; the adjustment that makes it what was counted, where it is not; and of how many that are
 * available this is right.
 */
export type Counting = {
  sku: string
  before: StoredStock | undefined
  adjustment: Adjustment | undefined
  available: Filter<StoredStock>['available']
}

/** The stock of a SKU without its holds, which may be a thousand. */
export type StockLevel = Pick<StoredStock, '_id' | 'onHand' | 'available'>

export type StockStore = ReturnType<typeof stockStore>

/** The stock, a document a SKU. Each function that writes is one write, and true where it was done. */
export function stockStore(db: Db) {
  const stock = db.collection<StoredStock>('stock', { ignoreUndefined: true })

  /** Takes a hold away and its pieces with it from `onHand`, or back to `available`. False where it is gone already. */
  async function end(sku: string, { id, quantity }: Hold, change: { onHand: number } | { available: number }) {
    const update = { $pull: { holds: { id, quantity } }, $inc: change }
    return (await stock.updateOne({ _id: sku, 'holds.id': id }, update)).matchedCount === 1
  }

  return {
    bySku: (sku: string) => stock.findOne({ _id: sku }),

    /** Those that exist, in any order. */
    bySkus: (skus: string[]) => stock.find({ _id: { $in: skus } }).toArray(),

    levelOf: (sku: string) => stock.findOne<StockLevel>({ _id: sku }, { projection: LEVEL }),

    /** The levels of those that exist, in any order. */
    levelsOf: (skus: string[]) =>
      stock
        .find({ _id: { $in: skus } })
        .project<StockLevel>(LEVEL)
        .toArray(),

    /** Up to `limit` levels after a SKU, in the order of SKUs. */
    levelsAfter: (sku: string, limit: number) =>
      stock
        .find({ _id: { $gt: sku } })
        .sort({ _id: 1 })
        .limit(limit)
        .project<StockLevel>(LEVEL)
        .toArray(),

    /** Groups of up to `size` documents with holds. */
    async *withHolds(size: number) {
      let group: Pick<StoredStock, '_id' | 'holds'>[] = []
      const found = stock
        .find({ 'holds.0': { $exists: true } })
        .project<Pick<StoredStock, '_id' | 'holds'>>({ holds: 1 })
      for await (const document of found.batchSize(size)) {
        group.push(document)
        if (group.length < size) continue
        yield group
        group = []
      }
      yield group
    },

    /**
     * Holds pieces where there are enough, where neither the order nor its buyer holds any yet, where the holds of its network are
     * among those with the IDs `known`, and where there are fewer than `MOST_HOLDS`.
     */
    async hold(sku: string, hold: Hold, known: string[]) {
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

    /** The pieces of a hold may be reserved again. */
    giveBack: (sku: string, hold: Hold) => end(sku, hold, { available: hold.quantity }),

    /** The pieces of a hold leave. */
    takeOut: (sku: string, hold: Hold) => end(sku, hold, { onHand: -hold.quantity }),

    /** The first stock of a SKU. False where it has some already. */
    async insert(sku: string, last: Adjustment) {
      try {
        await stock.insertOne(firstStock(sku, last))
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },

    /** Makes the adjustment `last` after the one that was the latest when `before` was read, where `when` still is true. */
    async adjust(before: StoredStock, last: Adjustment, when: Filter<StoredStock>) {
      const { change } = last
      const { matchedCount } = await stock.updateOne(
        { ...when, _id: before._id, 'last.number': before.last.number },
        { $inc: { onHand: change, available: change }, $set: { last } }
      )
      return matchedCount === 1
    },

    /** Writes what an import counted, each SKU where it still is as it was read. Returns how many were written, not which. */
    async count(counted: string, countings: Counting[]): Promise<number> {
      if (countings.length === 0) return 0
      const writes = countings.map(({ sku, before, adjustment, available }) =>
        before
          ? { updateOne: { filter: { ...uncounted(before), available }, update: countedUpdate(counted, adjustment) } }
          : { insertOne: { document: { ...firstStock(sku, adjustment!), counted } } }
      )
      const { insertedCount, matchedCount } = await stock.bulkWrite(writes, { ordered: false }).catch(takenOnly)
      return insertedCount + matchedCount
    }
  }
}

const LEVEL = { onHand: 1, available: 1 }

const firstStock = (sku: string, last: Adjustment): StoredStock => ({
  ...{ _id: sku, schemaVersion: 1, onHand: last.change, available: last.change, holds: [], last }
})

/** Of a stock that has as many on hand as when it was read; holds may come and go. */
const uncounted = ({ _id, onHand, last, counted }: StoredStock): Filter<StoredStock> => ({
  ...{ _id, onHand, 'last.number': last.number, counted: counted ?? { $exists: false } }
})

const countedUpdate = (counted: string, last: Adjustment | undefined) =>
  last ? { $inc: { onHand: last.change, available: last.change }, $set: { last, counted } } : { $set: { counted } }

/** The result of a batch in which nothing failed but inserts of stock that exists. Throws the error of any other. */
function takenOnly(error: MongoBulkWriteError) {
  if (refusedWrites(error).every(isDuplicateKey)) return error.result
  throw error
}
