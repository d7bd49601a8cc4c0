import { isDuplicateKey } from '@bulkhead/chassis/unique-keys'
import type { Db, Filter } from 'mongodb'
import { MOST_HOLDS } from '../limits.ts'
import type { Adjustment } from './history.ts'

/** Pieces held for an order. `id` is of this very hold; `take` is the reservation's when it was made. */
export type Hold = { id: string; orderId: string; take: number; quantity: number; at: Date }

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

    /** Up to `limit` of them after a SKU, in the order of SKUs. */
    after: (sku: string, limit: number) =>
      stock
        .find({ _id: { $gt: sku } })
        .sort({ _id: 1 })
        .limit(limit)
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

    /** Holds pieces where there are enough, where the order holds none yet, and where fewer than `MOST_HOLDS` are in flight. */
    async hold(sku: string, hold: Hold) {
      const { matchedCount } = await stock.updateOne(
        {
          _id: sku,
          available: { $gte: hold.quantity },
          'holds.orderId': { $ne: hold.orderId },
          [`holds.${MOST_HOLDS - 1}`]: { $exists: false }
        },
        { $inc: { available: -hold.quantity }, $push: { holds: hold } }
      )
      return matchedCount === 1
    },

    /** The pieces of a hold may be reserved again. */
    giveBack: (sku: string, hold: Hold) => end(sku, hold, { available: hold.quantity }),

    /** The pieces of a hold leave. */
    takeOut: (sku: string, hold: Hold) => end(sku, hold, { onHand: -hold.quantity }),

    /** The first stock of a SKU. False where it has some already. */
    async insert(sku: string, last: Adjustment, counted?: string) {
      const { change } = last
      try {
        await stock.insertOne({
          ...{ _id: sku, schemaVersion: 1, onHand: change, available: change, holds: [], last },
          ...(counted !== undefined && { counted })
        })
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
    }
  }
}
