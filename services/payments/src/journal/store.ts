import type { Page } from '@bulkhead/chassis/contract'
import type { Clock } from '@bulkhead/chassis/core'
import { findPage, quietAggregates, tryInsert } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { type Leg, legsOf, type Movement } from './movements.ts'
import type { Balance, JournalEntry } from './schemas.ts'

type StoredEntry = Omit<Movement, 'amount'> & { legs: Leg[]; at: Date }

export type JournalStore = {
  /** Writes a movement. Returns false if the journal already has it. */
  record(movement: Movement): Promise<boolean>
  /** Returns a page of entries, sorted by ID. Throws a 400 for a bad cursor. */
  page(limit: number, cursor: string | undefined): Promise<Page<JournalEntry>>
  /** Returns the sums of all legs, by account and currency. Reads the whole journal. */
  balances(): Promise<Balance[]>
}

/** Opens the journal: one document for each movement, which never changes. The journal publishes no events. */
export function journalStore(db: Db, clock: Clock): JournalStore {
  const entries = quietAggregates<StoredEntry>({ db, collection: 'journal', schemaVersion: 1, clock })
  return {
    async record({ amount, ...movement }) {
      const entry = { ...movement, legs: legsOf({ ...movement, amount }), at: clock.now() }
      return tryInsert(entries.insert(entry))
    },
    async page(limit, cursor) {
      const sort = { field: '_id', direction: 1 } as const
      const page = await findPage(entries, { filter: {}, limit, cursor, sort, scope: 'journal' })
      const items = page.items.map(({ version, ...entry }) => ({ ...entry, at: entry.at.toISOString() }))
      return { ...page, items }
    },
    async balances() {
      const sums = await entries.collection
        .aggregate<{ _id: { account: string; currency: string }; amount: number }>([
          { $unwind: '$legs' },
          { $group: { _id: { account: '$legs.account', currency: '$currency' }, amount: { $sum: '$legs.amount' } } }
        ])
        .toArray()
      return sums.map(({ _id: { account, currency }, amount }) => ({ account, currency, amount }))
    }
  }
}
