import type { Money } from '@bulkhead/chassis/core'
import type { Versioned } from '@bulkhead/chassis/mongo'
import type { Payment, Refund, State } from './schemas.ts'

/** A payment as it is stored: what the book says. */
export type StoredPayment = {
  id: string
  state: State
  /** The provider that has it, and its ID there once that is known. */
  provider: string
  remoteId?: string | undefined
  /** Neither on the tombstone of what was voided before it was asked for. */
  amount?: Money | undefined
  method?: string | undefined
  captured: number
  refunds: Refund[]
  reason?: string | undefined
  action?: { id: string; url?: string } | undefined
  createdAt: Date
  /** When reconciliation is to look at it; none where book and provider agree as far as we know. */
  dueAt?: Date | undefined
}

export type Book = Versioned<StoredPayment>

/** The ID of an order's payment has the characters of the order's, so that no index is needed and nothing can be charged twice. */
export const paymentIdOf = (orderId: string) => `pay_${orderId.slice('ord_'.length)}`
const orderIdOf = (paymentId: string) => `ord_${paymentId.slice('pay_'.length)}`

/** What was given back, or is about to be. */
export const promised = (refunds: Refund[]) => sumOf(refunds.filter(({ state }) => state !== 'refused'))
export const givenBack = (refunds: Refund[]) => sumOf(refunds.filter(({ state }) => state === 'done'))
const sumOf = (refunds: Refund[]) => refunds.reduce((sum, { amount }) => sum + amount, 0)

/** A payment as the API shows it. */
export const shownPayment = (book: Book): Payment => ({
  id: book.id,
  orderId: orderIdOf(book.id),
  state: book.state,
  ...(book.amount && { amount: book.amount }),
  captured: book.captured,
  refunded: givenBack(book.refunds),
  refunds: book.refunds,
  ...(book.reason !== undefined && { reason: book.reason }),
  ...(book.action && book.state === 'pending' && { action: book.action }),
  provider: book.provider,
  createdAt: book.createdAt.toISOString(),
  version: book.version
})
