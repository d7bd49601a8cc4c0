import { type Aggregates, aggregates } from '@bulkhead/chassis/aggregates'
import type { Clock } from '@bulkhead/chassis/clock'
import type { MongoOutbox } from '@bulkhead/chassis/outbox'
import type { Db } from 'mongodb'
import type { StoredPayment } from './document.ts'
import { type Journal, journalOf } from './journal.ts'

type Payments = Aggregates<StoredPayment>

/** What the book is asked; tests put kills around it. */
export type Store = {
  payments: Pick<Payments, 'byId' | 'byIds' | 'known' | 'find' | 'insert' | 'change'>
  journal: Journal
}

/** Payments that a replica keeps in memory: a webhook comes soon after what it tells of. */
const RECENT = 1_000

/** Payments that reconciliation is to look at, those that wait the longest first. */
export const duePayments = ({ payments }: Pick<Store, 'payments'>, now: Date, limit: number) =>
  payments
    .find({ dueAt: { $lte: now } })
    .sort({ dueAt: 1 })
    .limit(limit)
    .toArray()

/** What payments keeps: the book, an aggregate a payment, and the journal of what moved. */
export async function paymentStore(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock): Promise<Store> {
  const options = { db, collection: 'payments', schemaVersion: 1, outbox, clock, recent: RECENT }
  const payments = aggregates<StoredPayment>(options)
  // Only what is under way has it: a payment that came to its end costs this index nothing.
  await payments.collection.createIndex({ dueAt: 1 }, { sparse: true })
  await payments.collection.createIndex({ state: 1, _id: 1 })
  return { payments, journal: journalOf(db, clock) }
}
