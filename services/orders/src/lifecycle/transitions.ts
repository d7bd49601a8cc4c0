import { conflict, type Money, Problem } from '@bulkhead/chassis/core'
import type { Change } from '@bulkhead/chassis/mongo'
import { eventOf } from '../orders/events.ts'
import { MOST_REFUNDS } from '../orders/limits.ts'
import type { Order } from '../orders/schemas.ts'
import type { Holder } from '../placing/holder.ts'
import { ends, type Known, type State, stateAfter, stepOf } from './machine.ts'
import { type Answers, answered, knownOf, refundable, type StoredRefund, withRefund } from './refunds.ts'

type Action = NonNullable<Order['action']>

/** An order as it is stored. `nextAt` is there while something is to be done, and until then it is in somebody's hands. */
export type StoredOrder = Omit<Order, 'version' | 'history' | 'refunds' | 'placedAt'> & {
  history: { state: State; at: Date; reason?: string }[]
  refunds: StoredRefund[]
  placedAt: Date
  /** Of an order without a customer: what opens it. Absent if a release without secrets placed it. */
  secret?: string
  /** Until it is authorised or undone: no step needs it after that. */
  paymentMethod?: string
  /** Whom inventory holds the stock for, until the same. Not there in an order of the release before. */
  holder?: Holder
  /** Whether what was paid has left the stock. */
  settled: boolean
  /** When it expires unless it is paid. */
  expiresAt: Date
  nextAt?: Date
  /** When it came to its state. Not there where an older release moved it last. */
  since?: Date
  /** How often the present step was tried in vain. */
  attempts: number
  traceparent: string
}

/** What became known of an order, with what belongs to it. */
export type Outcome =
  | {
      known: Exclude<
        Known,
        'action-needed' | 'captured' | 'refund' | 'refund-refused' | 'refunded' | 'refunded-in-part'
      >
      reason?: string
    }
  | { known: 'action-needed'; action: Action }
  | { known: 'captured'; settled: boolean }
  | { known: 'settled' }
  | { known: 'refund'; amount: Money; reason: string }
  | ({ known: 'repaid' | 'refund-refused' } & Answers)

/** The change that an outcome makes, with its event. None where it comes too late to mean anything. `held` is until when who drives it has it. */
export function advance(order: StoredOrder, outcome: Outcome, now: Date, held: Date): Change<StoredOrder> {
  if (outcome.known === 'settled') return settledChange(order, held)
  const after = withDetails(order, outcome, now)
  const known = 'refunds' in outcome ? knownOf(after, outcome) : outcome.known
  const state = known && stateAfter(order.state, known)
  if (!state) return { state: order, events: [] }
  // Why it is being undone or paid back is why it has ended so.
  const reason = reasonOf(outcome) ?? (ends.includes(state) ? order.reason : undefined)
  const { reason: _, action: __, nextAt: ___, ...rest } = after
  const moved = withoutSpentMethod({
    ...rest,
    state,
    since: now,
    attempts: 0,
    history: [...order.history, { state, at: now, ...(reason && { reason }) }],
    ...(reason && { reason }),
    ...(outcome.known === 'action-needed' && { action: outcome.action })
  })
  const isNews = known !== 'refunded-in-part' && known !== 'refund-refused' && state !== order.state
  const event = isNews ? eventOf[state] : undefined
  return { state: { ...moved, ...(stepOf(moved) && { nextAt: held }) }, events: event ? [event] : [] }
}

function reasonOf(outcome: Outcome): string | undefined {
  if ('refused' in outcome) return outcome.refused?.map(({ reason }) => `refund-refused: ${reason}`)[0]
  return 'reason' in outcome ? outcome.reason : undefined
}

/** The same without what it is paid with and whom its stock is held for, where no step needs these any more. */
export function withoutSpentMethod(order: StoredOrder): StoredOrder {
  if (stepOf(order) === 'secure') return order
  const { paymentMethod, holder, ...rest } = order
  return rest
}

/** The stock of what was paid has left: that is no new state, and told to nobody. */
function settledChange(order: StoredOrder, held: Date): Change<StoredOrder> {
  const { nextAt, ...rest } = { ...order, settled: true, attempts: 0 }
  return { state: { ...rest, ...(stepOf(rest) && { nextAt: held }) }, events: [] }
}

function withDetails(order: StoredOrder, outcome: Outcome, now: Date): StoredOrder {
  if (outcome.known === 'captured') return { ...order, settled: outcome.settled }
  if (outcome.known === 'refund') return withRefund(order, outcome.amount, outcome.reason, now)
  if ('refunds' in outcome) return answered(order, outcome)
  // What was paid for can't be had any more: all of it goes back.
  if (outcome.known === 'stock-gone') {
    const left = refundable(order)
    return { ...(left.amount > 0 ? withRefund(order, left, 'out-of-stock', now) : order), settled: true }
  }
  return order
}

/** A cancellation by the buyer. Throws a 409 where the order is paid or about to be. */
export function cancelled(order: StoredOrder, now: Date, held: Date): Change<StoredOrder> {
  if (order.state === 'cancelling' || order.state === 'cancelled') return { state: order, events: [] }
  if (stateAfter(order.state, 'cancel')) return advance(order, { known: 'cancel' }, now, held)
  throw conflict('order-not-cancellable', 'The order can not be cancelled any more', `It is ${order.state}`)
}

/** A refund in part or of all that is left. Throws a 409 where there is nothing to refund, a 422 for too much. */
export function refundAsked(
  order: StoredOrder,
  { amount = refundable(order), reason }: { amount?: Money | undefined; reason: string },
  now: Date,
  held: Date
): Change<StoredOrder> {
  const left = refundable(order)
  if (!stateAfter(order.state, 'refund')) {
    throw conflict('order-not-refundable', 'The order can not be refunded now', `It is ${order.state}`)
  }
  if (order.refunds.length >= MOST_REFUNDS) throw conflict('too-many-refunds', 'The order has too many refunds')
  if (amount.currency !== left.currency || amount.amount === 0 || amount.amount > left.amount) {
    const detail = `Must be more than 0 and at most ${left.amount} in minor units of ${left.currency}`
    throw new Problem(422, 'refund-too-high', 'There is not so much to refund', {
      errors: [{ pointer: '/body/amount', detail }]
    })
  }
  return advance(order, { known: 'refund', amount, reason }, now, held)
}
