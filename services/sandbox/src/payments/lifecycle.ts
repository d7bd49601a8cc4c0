import { checkSameRequest, type MadeBy } from '@bulkhead/chassis/contract'
import { conflict, type Money, Problem } from '@bulkhead/chassis/core'
import { fieldPicker } from '@bulkhead/chassis/http'
import type { CardBehaviour } from '../payment-methods/cards.ts'
import type { Webhook } from '../webhooks/queue.ts'
import { MOST_REFUNDS, type NewRefund, type Payment, payment as paymentSchema } from './schemas.ts'

/** A payment as it is stored, with its waiting webhooks. */
export type StoredPayment = Omit<Payment, 'refunds'> & {
  refunds: (NewRefund & { madeBy: MadeBy })[]
  webhooks: Webhook[]
}

/** A change of a payment. It is a pure function, and returns the given payment if there is nothing to change. */
export type Transition = (payment: StoredPayment) => StoredPayment

/** The fields that a payment has from the start. */
type Authorisation = { id: string; reference: string; amount: Money; createdAt: string }

/** Creates a payment, in the state that follows from the card. */
export function authorise(behaviour: CardBehaviour, authorisation: Authorisation): StoredPayment {
  const payment = {
    ...authorisation,
    captured: 0,
    refunds: [],
    changedAt: authorisation.createdAt,
    webhooks: []
  }
  if (behaviour === 'decline') return { ...payment, state: 'declined', reason: 'card-declined' }
  if (behaviour === 'insufficient-funds') return { ...payment, state: 'declined', reason: 'insufficient-funds' }
  return { ...payment, state: behaviour === 'authenticate' ? 'pending' : 'authorised' }
}

/** Authorises or declines a pending payment. Does not change a payment in another state. */
export const authenticate =
  (isApproved: boolean): Transition =>
  payment => {
    if (payment.state !== 'pending') return payment
    return isApproved
      ? { ...payment, state: 'authorised' }
      : { ...payment, state: 'declined', reason: 'authentication-failed' }
  }

/**
 * Captures an amount, by default the authorised one. Throws a 422 above the authorised amount, and a 409 unless the payment is authorised.
 */
export const capture =
  (asked: number | undefined): Transition =>
  payment => {
    const amount = asked ?? payment.amount.amount
    if (payment.state === 'captured' && payment.captured === amount) return payment
    if (payment.state !== 'authorised') throw conflict(`payment-${payment.state}`, 'The payment can’t be captured')
    if (amount > payment.amount.amount) throw amountTooHigh('above-authorisation', 'More than is authorised')
    return { ...payment, state: 'captured', captured: amount }
  }

/** Voids an authorised or pending payment. Throws a 409 for a captured or declined payment. */
export const voidAuthorisation: Transition = payment => {
  if (payment.state === 'voided') return payment
  if (payment.state !== 'authorised' && payment.state !== 'pending')
    throw conflict(`payment-${payment.state}`, 'The payment can’t be voided')
  return { ...payment, state: 'voided' }
}

/**
 * Adds a refund, once for each request. Throws a 422 if all refunds together exceed the captured amount, and a 409 after too many refunds.
 */
export const refund =
  (asked: NewRefund, madeBy: MadeBy): Transition =>
  payment => {
    const earlier = payment.refunds.find(known => known.madeBy.key === madeBy.key)
    if (earlier) {
      checkSameRequest(earlier.madeBy, madeBy)
      return payment
    }
    const sum = payment.refunds.reduce((sum, { amount }) => sum + amount, asked.amount)
    if (sum > payment.captured) throw amountTooHigh('above-capture', 'More than was captured')
    if (payment.refunds.length >= MOST_REFUNDS) throw conflict('too-many-refunds', 'The payment has too many refunds')
    return { ...payment, refunds: [...payment.refunds, { ...asked, madeBy }] }
  }

const amountTooHigh = (type: string, title: string) =>
  new Problem(422, type, title, { errors: [{ pointer: '/body/amount', detail: title }] })

/** Returns the type of the webhook for a change. */
export function webhookType(after: StoredPayment, before?: StoredPayment): string {
  const isRefunded = after.refunds.length > (before?.refunds.length ?? 0)
  return isRefunded ? 'payment.refunded' : `payment.${after.state}`
}

const paymentFields = fieldPicker(paymentSchema)

/** Returns a payment without the fields that only the store needs. */
export const toPayment = (stored: StoredPayment): Payment => ({
  ...paymentFields(stored),
  refunds: stored.refunds.map(({ reference, amount }) => ({ reference, amount }))
})
