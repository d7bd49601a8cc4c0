import type { MadeBy } from '@bulkhead/chassis/contract'
import { isDuplicateKey, refusedWrites } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Reason } from './schemas.ts'
import type { StoredStock } from './store.ts'

/** An adjustment that was made. `number` counts those of its SKU from 1; `change` is of the pieces on hand. */
export type Adjustment = {
  number: number
  change: number
  count?: number
  reason: Reason
  note?: string
  by: string
  at: Date
  madeBy?: MadeBy
}

type Kept = Adjustment & { _id: string; sku: string }

export type History = Awaited<ReturnType<typeof adjustmentHistory>>

/**
 * The adjustments of each SKU but its latest. That one is in the stock's own document, written together with its effect, and is copied
 * here before the next one takes its place: so no adjustment is lost, and none is here that was not made.
 */
export async function adjustmentHistory(db: Db) {
  const adjustments = db.collection<Kept>('adjustments', { ignoreUndefined: true })
  await adjustments.createIndex({ sku: 1, number: -1 })
  await adjustments.createIndex({ 'madeBy.key': 1 }, { unique: true, sparse: true })
  const kept = (sku: string, adjustment: Adjustment): Kept => ({
    ...adjustment,
    _id: `${adjustment.number}/${sku}`,
    sku
  })

  return {
    /** Keeps an adjustment; again, it changes nothing. */
    async keep(sku: string, adjustment: Adjustment) {
      try {
        await adjustments.insertOne(kept(sku, adjustment))
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
      }
    },

    /** The same of the latest adjustments of many SKUs. */
    async keepAll(stocks: StoredStock[]) {
      if (stocks.length === 0) return
      const documents = stocks.map(({ _id: sku, last }) => kept(sku, last))
      await adjustments.insertMany(documents, { ordered: false }).catch(error => {
        if (!refusedWrites(error).every(isDuplicateKey)) throw error
      })
    },

    madeBy: (key: string) => adjustments.findOne({ 'madeBy.key': key }),

    /** Up to `limit` adjustments of a SKU before number `before`, latest first. */
    before: (sku: string, before: number, limit: number): Promise<Adjustment[]> =>
      adjustments
        .find({ sku, number: { $lt: before } })
        .sort({ number: -1 })
        .limit(limit)
        .toArray()
  }
}
