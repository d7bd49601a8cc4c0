import type { MadeBy } from '@bulkhead/chassis/contract'
import { isDuplicateKey, refusedWrites, tryInsert } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { AdjustmentReason } from './schemas.ts'

/** A change of the pieces on hand. `number` counts the adjustments of a SKU from 1. `madeBy` is the key of the request, if it had a key. */
export type Adjustment = {
  number: number
  change: number
  count?: number | undefined
  reason: AdjustmentReason
  note?: string | undefined
  by: string
  at: Date
  madeBy?: MadeBy | undefined
}

type SkuAdjustment = { sku: string; adjustment: Adjustment }
type StoredAdjustment = Adjustment & { _id: string; sku: string }

export type History = {
  /** Adds an adjustment, unless the history already has it. */
  keep(sku: string, adjustment: Adjustment): Promise<void>
  /** Adds all missing adjustments, in one write. */
  keepAll(adjustments: SkuAdjustment[]): Promise<void>
  /** Returns the adjustment that a request with this key made. */
  madeBy(key: string): Promise<Adjustment | null>
  /** Returns up to `limit` adjustments of a SKU before the one with this number, the latest first. */
  before(sku: string, number: number, limit: number): Promise<Adjustment[]>
}

/**
 * Opens the history: all adjustments of each SKU except its latest. The latest adjustment is in the document of the stock, where it is
 * written together with its effect. It is copied to the history before the next adjustment replaces it. So the history has every adjustment
 * that was made, and no other.
 */
export async function adjustmentHistory(db: Db): Promise<History> {
  const adjustments = db.collection<StoredAdjustment>('adjustments', { ignoreUndefined: true })
  await adjustments.createIndex({ sku: 1, number: -1 })
  await adjustments.createIndex({ 'madeBy.key': 1 }, { unique: true, sparse: true })

  return {
    async keep(sku, adjustment) {
      await tryInsert(adjustments.insertOne(toDocument({ sku, adjustment })))
    },

    async keepAll(all) {
      if (all.length === 0) return
      await adjustments.insertMany(all.map(toDocument), { ordered: false }).catch(error => {
        if (!refusedWrites(error).every(isDuplicateKey)) throw error
      })
    },

    madeBy: key => adjustments.findOne({ 'madeBy.key': key }),

    before: (sku, number, limit) =>
      adjustments
        .find({ sku, number: { $lt: number } })
        .sort({ number: -1 })
        .limit(limit)
        .toArray()
  }
}

const toDocument = ({ sku, adjustment }: SkuAdjustment): StoredAdjustment => ({
  ...adjustment,
  _id: `${adjustment.number}/${sku}`,
  sku
})
