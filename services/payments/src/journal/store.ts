import type { Clock } from '@bulkhead/chassis/core'
import { isDuplicateKey, quietAggregates } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Movement } from '../payments/merge.ts'

export type Leg = { account: string; amount: number }
export type Entry = Omit<Movement, 'amount'> & { legs: Leg[]; at: Date }

/** What the provider owes us, and what customers paid us. */
const ACCOUNTS = { provider: 'provider-receivable', sales: 'customer-payments' }

export type Journal = ReturnType<typeof journalOf>

/** Both legs of a movement: their sum is 0. */
export function legsOf({ kind, amount }: Pick<Movement, 'kind' | 'amount'>): [Leg, Leg] {
  const sum = kind === 'capture' ? amount : -amount
  return [
    { account: ACCOUNTS.provider, amount: sum },
    { account: ACCOUNTS.sales, amount: -sum }
  ]
}

/** The journal: one document a movement, never changed. It publishes nothing. */
export function journalOf(db: Db, clock: Clock) {
  const entries = quietAggregates<Entry>({ db, collection: 'journal', schemaVersion: 1, clock })
  return {
    find: entries.find,

    /** Writes a movement, once however often it is found. */
    async record({ amount, ...movement }: Movement) {
      try {
        await entries.insert({ ...movement, legs: legsOf({ ...movement, amount }), at: clock.now() })
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
      }
    },

    /** The sums of all legs, by account and currency. Reads the whole journal. */
    async balances() {
      const sums = await entries.collection
        .aggregate<{ _id: { account: string; currency: string }; amount: number }>([
          { $unwind: '$legs' },
          { $group: { _id: { account: '$legs.account', currency: '$currency' }, amount: { $sum: '$legs.amount' } } }
        ])
        .toArray()
      return sums.map(({ _id, amount }) => ({ ..._id, amount }))
    }
  }
}
