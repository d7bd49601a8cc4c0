import { type Clock, recent } from '@bulkhead/chassis/core'
import { type Aggregates, aggregates, type MongoOutbox } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { type Journal, journalOf } from '../journal/store.ts'
import type { StoredPayment } from './document.ts'

type Payments = Aggregates<StoredPayment>

/** What the book is asked; tests put kills around it. */
export type Store = {
  payments: Pick<Payments, 'byId' | 'byIds' | 'find' | 'insert' | 'change'>
  journal: Journal
  /** What this replica wrote not long ago that it has seen of a payment at the provider; another may have voided it since. */
  lastSeen: (id: string) => 'authorised' | 'captured' | undefined
}

/** Payments that reconciliation is to look at, those that wait the longest first. */
export const duePayments = ({ payments }: Pick<Store, 'payments'>, now: Date, limit: number) =>
  payments
    .find({ dueAt: { $lte: now } })
    .sort({ dueAt: 1 })
    .limit(limit)
    .toArray()

/** What payments keeps: the book, an aggregate a payment, and the journal of what moved. */
export async function paymentStore(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock): Promise<Store> {
  const seen = recent<'authorised' | 'captured'>()
  const payments = aggregates<StoredPayment>({
    ...{ db, collection: 'payments', schemaVersion: 1, outbox, clock },
    written({ id, state, captured }) {
      if (captured > 0) seen.set(id, 'captured')
      else if (state === 'authorised') seen.set(id, state)
      else seen.delete(id)
    }
  })
  // Only what is under way has it: a payment that came to its end costs this index nothing.
  await payments.collection.createIndex({ dueAt: 1 }, { sparse: true })
  await payments.collection.createIndex({ state: 1, _id: 1 })
  return { payments, journal: journalOf(db, clock), lastSeen: id => seen.get(id) }
}
