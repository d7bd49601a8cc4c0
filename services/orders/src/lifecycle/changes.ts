import { conflict, type Money, Problem } from '@bulkhead/chassis/core'
import type { Change } from '@bulkhead/chassis/mongo'
import { eventOf } from '../orders/events.ts'
import type { Order } from '../orders/schemas.ts'
import type { StoredOrder } from '../orders/store.ts'
import { finalStates, nextState, nextStep, type Trigger } from './machine.ts'
import { addRefund, MOST_REFUNDS, type RefundAnswers, recordAnswers, refundable, triggerOfAnswers } from './refunds.ts'

/** The triggers whose outcomes have more details than a reason, or that depend on the answers to refunds. */
type DetailedTrigger = 'action-needed' | 'captured' | 'refund' | 'refund-refused' | 'refunded' | 'refunded-in-part'

/** The outcome of a step or of a request, which `advance` applies to an order. */
export type Outcome =
  | { type: Exclude<Trigger, DetailedTrigger>; reason?: string }
  | { type: 'action-needed'; action: NonNullable<Order['action']> }
  | { type: 'captured'; settled: boolean }
  | { type: 'settled' }
  | { type: 'refund'; amount: Money; reason: string }
  | ({ type: 'repaid' | 'refund-refused' } & RefundAnswers)

/**
 * Applies an outcome to an order, with the event of its new state. Changes nothing if the outcome comes too late to matter. `heldUntil` is
 * the time from which other replicas may take the order.
 */
export function advance(order: StoredOrder, outcome: Outcome, now: Date, heldUntil: Date): Change<StoredOrder> {
  if (outcome.type === 'settled') return settle(order, heldUntil)
  const detailed = withDetails(order, outcome, now)
  const trigger = 'refunds' in outcome ? triggerOfAnswers(detailed, outcome) : outcome.type
  const state = trigger && nextState(order.state, trigger)
  if (!state) return { state: order, events: [] }
  // A final state keeps the reason why the order was undone or refunded.
  const reason = reasonOf(outcome) ?? (finalStates.includes(state) ? order.reason : undefined)
  const moved = withoutSpentMethod({
    ...detailed,
    state,
    since: now,
    attempts: 0,
    history: [...order.history, { state, at: now, reason }],
    reason,
    action: outcome.type === 'action-needed' ? outcome.action : undefined
  })
  const isBackToCaptured = trigger === 'refunded-in-part' || trigger === 'refund-refused'
  const event = isBackToCaptured || state === order.state ? undefined : eventOf[state]
  return { state: scheduled(moved, heldUntil), events: event ? [event] : [] }
}

/** Returns the order with the time of its next step, if it has one. */
const scheduled = (order: StoredOrder, heldUntil: Date): StoredOrder => ({
  ...order,
  nextAt: nextStep(order) ? heldUntil : undefined
})

function reasonOf(outcome: Outcome): string | undefined {
  if ('refused' in outcome) return outcome.refused?.map(({ reason }) => `refund-refused: ${reason}`)[0]
  return 'reason' in outcome ? outcome.reason : undefined
}

/** Returns the order without its payment method and its holder, as soon as no step needs them. */
export const withoutSpentMethod = (order: StoredOrder): StoredOrder =>
  nextStep(order) === 'secure' ? order : { ...order, paymentMethod: undefined, holder: undefined }

/** Records that the stock of a paid order has left. The state stays the same, so there is no event. */
const settle = (order: StoredOrder, heldUntil: Date): Change<StoredOrder> => ({
  state: scheduled({ ...order, settled: true, attempts: 0 }, heldUntil),
  events: []
})

function withDetails(order: StoredOrder, outcome: Outcome, now: Date): StoredOrder {
  if (outcome.type === 'captured') return { ...order, settled: outcome.settled }
  if (outcome.type === 'refund') return addRefund(order, outcome.amount, outcome.reason, now)
  if ('refunds' in outcome) return recordAnswers(order, outcome)
  if (outcome.type !== 'stock-gone') return order
  // The paid stock is not available: refund the whole remaining amount.
  const left = refundable(order)
  const refunding = left.amount > 0 ? addRefund(order, left, 'out-of-stock', now) : order
  return { ...refunding, settled: true }
}

/**
 * Cancels an order for its buyer. Does nothing if the order is already cancelled. Throws a 409 if the order is paid or about to be paid.
 */
export function cancel(order: StoredOrder, now: Date, heldUntil: Date): Change<StoredOrder> {
  if (order.state === 'cancelling' || order.state === 'cancelled') return { state: order, events: [] }
  if (nextState(order.state, 'cancel')) return advance(order, { type: 'cancel' }, now, heldUntil)
  throw conflict('order-not-cancellable', 'The order can no longer be cancelled', `It is ${order.state}`)
}

type RefundRequest = {
  /** The amount to refund. By default, the whole remaining amount. */
  amount?: Money | undefined
  reason: string
}

/** Requests a refund. Throws a 409 if the order can't be refunded in its state, and a 422 for more than the remaining amount. */
export function requestRefund(
  order: StoredOrder,
  { amount = refundable(order), reason }: RefundRequest,
  now: Date,
  heldUntil: Date
): Change<StoredOrder> {
  const left = refundable(order)
  if (!nextState(order.state, 'refund')) {
    throw conflict('order-not-refundable', 'The order can not be refunded now', `It is ${order.state}`)
  }
  if (order.refunds.length >= MOST_REFUNDS) throw conflict('too-many-refunds', 'The order has too many refunds')
  if (amount.currency !== left.currency || amount.amount === 0 || amount.amount > left.amount) {
    const detail = `Must be more than 0 and at most ${left.amount} in minor units of ${left.currency}`
    throw new Problem(422, 'refund-too-high', 'The refund is higher than the amount that is left', {
      errors: [{ pointer: '/body/amount', detail }]
    })
  }
  return advance(order, { type: 'refund', amount, reason }, now, heldUntil)
}
