import { checkSameRequest, type MadeBy } from '@bulkhead/chassis/contract'
import { conflict, type Money, Problem } from '@bulkhead/chassis/core'
import { fieldsOf } from '@bulkhead/chassis/http'
import type { CardBehaviour } from './cards.ts'
import { MOST_REFUNDS, type Payment, payment as paymentSchema } from './schemas.ts'
import type { Webhook } from './webhooks.ts'

/** A payment as it is stored, with the webhooks that are still to be delivered. */
export type StoredPayment = Omit<Payment, 'refunds'> & {
  refunds: { reference: string; amount: number; madeBy: MadeBy }[]
  webhooks: Webhook[]
}

/** What happens to a payment. The rules are pure, and return what they were given where there is nothing to change. */
type Rule = (payment: StoredPayment) => StoredPayment

type Begun = { id: string; reference: string; amount: Money; at: string }

/** The payment that a card of this behaviour makes. */
export function begin(behaviour: CardBehaviour, { at, ...made }: Begun): StoredPayment {
  const common = { ...made, captured: 0, refunds: [], createdAt: at, changedAt: at, webhooks: [] }
  if (behaviour === 'decline') return { ...common, state: 'declined', reason: 'card-declined' }
  if (behaviour === 'insufficient-funds') return { ...common, state: 'declined', reason: 'insufficient-funds' }
  return { ...common, state: behaviour === 'authenticate' ? 'pending' : 'authorised' }
}

export const authenticate =
  (approve: boolean): Rule =>
  payment => {
    if (payment.state !== 'pending') return payment
    return approve
      ? { ...payment, state: 'authorised' }
      : { ...payment, state: 'declined', reason: 'authentication-failed' }
  }

/** 422 above what is authorised, 409 where it is not authorised. */
export const take =
  (asked: number | undefined): Rule =>
  payment => {
    const amount = asked ?? payment.amount.amount
    if (payment.state === 'captured' && payment.captured === amount) return payment
    if (payment.state !== 'authorised') throw conflict(`payment-${payment.state}`, 'The payment can’t be captured')
    if (amount > payment.amount.amount) throw tooMuch('above-authorisation', 'More than is authorised')
    return { ...payment, state: 'captured', captured: amount }
  }

/** 409 where it was captured or declined. */
export const letGo: Rule = payment => {
  if (payment.state === 'voided') return payment
  if (payment.state !== 'authorised' && payment.state !== 'pending')
    throw conflict(`payment-${payment.state}`, 'The payment can’t be voided')
  return { ...payment, state: 'voided' }
}

/** 422 where all refunds would be above what was captured. */
export const giveBack =
  (refund: { reference: string; amount: number }, madeBy: MadeBy): Rule =>
  payment => {
    const earlier = payment.refunds.find(known => known.madeBy.key === madeBy.key)
    if (earlier) {
      checkSameRequest(earlier.madeBy, madeBy)
      return payment
    }
    const sum = payment.refunds.reduce((sum, { amount }) => sum + amount, refund.amount)
    if (sum > payment.captured) throw tooMuch('above-capture', 'More than was captured')
    if (payment.refunds.length >= MOST_REFUNDS) throw conflict('too-many-refunds', 'The payment has too many refunds')
    return { ...payment, refunds: [...payment.refunds, { ...refund, madeBy }] }
  }

const tooMuch = (type: string, title: string) =>
  new Problem(422, type, title, { errors: [{ pointer: '/body/amount', detail: title }] })

const ofPayment = fieldsOf(paymentSchema)

/** What the merchant sees. */
export const shownPayment = (stored: StoredPayment): Payment => ({
  ...ofPayment(stored),
  refunds: stored.refunds.map(({ reference, amount }) => ({ reference, amount }))
})
