import type { Page, Trace } from '@bulkhead/chassis/contract'
import type { Clock, Money } from '@bulkhead/chassis/core'
import {
  type Aggregates,
  aggregates,
  findPage,
  isDuplicateKey,
  type MongoOutbox,
  type Versioned
} from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { type Refund, refundedAmount } from '../refunds/schemas.ts'
import { orderIdOf, type Payment, type State } from './schemas.ts'

/** A payment as it is stored. */
export type StoredPayment = {
  id: string
  state: State
  /** The name of the provider that has the payment. */
  provider: string
  /** The provider's ID of the payment, if it is known. */
  remoteId?: string | undefined
  /** The amount. Amount and method are missing if the payment was voided before it was requested. */
  amount?: Money | undefined
  method?: string | undefined
  captured: number
  refunds: Refund[]
  /** The reason of the decline. */
  reason?: string | undefined
  /** The next step that the customer must take at the provider. */
  action?: { id: string; url?: string | undefined } | undefined
  createdAt: Date
  /** The time at which reconciliation must look at the payment. Missing if record and provider agree, as far as payments knows. */
  dueAt?: Date | undefined
}

/** A stored payment with its version. */
export type PaymentRecord = Versioned<StoredPayment>

export type PaymentStore = Pick<Aggregates<StoredPayment>, 'byId' | 'byIds' | 'change'> & {
  /** Stores a new payment. Returns the existing record if there is one. */
  insertOnce(payment: StoredPayment, trace: Trace): Promise<PaymentRecord>
  /** Returns payments that reconciliation must look at, the longest overdue first. */
  due(now: Date, limit: number): Promise<PaymentRecord[]>
  /** Returns a page of all payments, or of the payments in one state, sorted by ID. Throws a 400 for a bad cursor. */
  page(state: State | undefined, limit: number, cursor: string | undefined): Promise<Page<PaymentRecord>>
}

/** Opens the store of payments. Each payment is a document that also holds its events until they are published. */
export async function paymentStore(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock): Promise<PaymentStore> {
  const payments = aggregates<StoredPayment>({ db, collection: 'payments', schemaVersion: 1, outbox, clock })
  // Sparse index: only unfinished payments have a due time, so finished payments cost nothing in the index.
  await payments.collection.createIndex({ dueAt: 1 }, { sparse: true })
  await payments.collection.createIndex({ state: 1, _id: 1 })

  return {
    byId: payments.byId,
    byIds: payments.byIds,
    change: payments.change,

    // Insert without a read, because repeated requests are rare.
    async insertOnce(payment, trace) {
      try {
        return await payments.insert(payment, [], trace)
      } catch (error) {
        const earlier = isDuplicateKey(error) && (await payments.byId(payment.id))
        if (!earlier) throw error
        return earlier
      }
    },
    due: (now, limit) =>
      payments
        .find({ dueAt: { $lte: now } })
        .sort({ dueAt: 1 })
        .limit(limit)
        .toArray(),
    page(state, limit, cursor) {
      const filter = state ? { state } : {}
      const sort = { field: '_id', direction: 1 } as const
      return findPage(payments, { filter, limit, cursor, sort, scope: { payments: filter } })
    }
  }
}

/** Returns a payment as the API shows it. */
export const toPayment = (record: PaymentRecord): Payment => ({
  id: record.id,
  orderId: orderIdOf(record.id),
  state: record.state,
  amount: record.amount,
  captured: record.captured,
  refunded: refundedAmount(record.refunds),
  refunds: record.refunds,
  reason: record.reason,
  action: record.state === 'pending' ? record.action : undefined,
  provider: record.provider,
  createdAt: record.createdAt.toISOString(),
  version: record.version
})
