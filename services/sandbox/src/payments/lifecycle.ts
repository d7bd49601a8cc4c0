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

/** A change of a payment. It is pure, and returns the payment it was given if there is nothing to change. */
export type Transition = (payment: StoredPayment) => StoredPayment

/** The fields that a payment has from its beginning. */
type Authorisation = { id: string; reference: string; amount: Money; createdAt: string }

/** A new payment, in the state that the card leads to. */
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

/** Authorises or declines a pending payment. Changes no other. */
export const authenticate =
  (isApproved: boolean): Transition =>
  payment => {
    if (payment.state !== 'pending') return payment
    return isApproved
      ? { ...payment, state: 'authorised' }
      : { ...payment, state: 'declined', reason: 'authentication-failed' }
  }

/** Captures an amount, by default the authorised one. 422 above the authorised amount, 409 unless the payment is authorised. */
export const capture =
  (asked: number | undefined): Transition =>
  payment => {
    const amount = asked ?? payment.amount.amount
    if (payment.state === 'captured' && payment.captured === amount) return payment
    if (payment.state !== 'authorised') throw conflict(`payment-${payment.state}`, 'The payment can’t be captured')
    if (amount > payment.amount.amount) throw amountTooHigh('above-authorisation', 'More than is authorised')
    return { ...payment, state: 'captured', captured: amount }
  }

/** Voids an authorised or pending payment. 409 for a captured or declined one. */
export const voidAuthorisation: Transition = payment => {
  if (payment.state === 'voided') return payment
  if (payment.state !== 'authorised' && payment.state !== 'pending')
    throw conflict(`payment-${payment.state}`, 'The payment can’t be voided')
  return { ...payment, state: 'voided' }
}

/** Adds a refund, once for each request. 422 if all refunds together exceed the captured amount, 409 after too many refunds. */
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

/** The type of the webhook of a change. */
export function webhookType(after: StoredPayment, before?: StoredPayment): string {
  const isRefunded = after.refunds.length > (before?.refunds.length ?? 0)
  return isRefunded ? 'payment.refunded' : `payment.${after.state}`
}

const paymentFields = fieldPicker(paymentSchema)

/** A payment without the fields that only the store needs. */
export const toPayment = (stored: StoredPayment): Payment => ({
  ...paymentFields(stored),
  refunds: stored.refunds.map(({ reference, amount }) => ({ reference, amount }))
})
