import { type Money, newId } from '@bulkhead/chassis/core'

/** Maximum number of refunds of an order. */
export const MOST_REFUNDS = 20

/** A refund as it is stored. `refused` is the reason why payments refused it permanently; then no part of it was paid back. */
export type StoredRefund = { id: string; amount: Money; at: Date; reason: string; done: boolean; refused?: string }

type Refunded = { total: Money; refunds: StoredRefund[] }

/** The answers of payments: the IDs of completed refunds, and the permanently refused refunds with the reason. */
export type RefundAnswers = { refunds: string[]; refused?: { id: string; reason: string }[] }

const isOpen = ({ done, refused }: StoredRefund) => !done && refused === undefined

/** Returns the refunds that are neither done nor refused. */
export const openRefunds = ({ refunds }: Pick<Refunded, 'refunds'>) => refunds.filter(isOpen)

/** Returns the amount that can still be refunded. Open refunds count as paid back; a refused amount can be requested again. */
export const refundable = ({ total, refunds }: Refunded): Money => ({
  ...total,
  amount: refunds
    .filter(({ refused }) => refused === undefined)
    .reduce((left, { amount }) => left - amount.amount, total.amount)
})

/** Adds a refund. */
export const addRefund = <T extends Refunded>(order: T, amount: Money, reason: string, at: Date): T => ({
  ...order,
  refunds: [...order.refunds, { id: newId('rfd'), amount, at, reason, done: false }]
})

/** Records the answers of payments. A refund keeps its first answer. */
export const recordAnswers = <T extends Refunded>(order: T, { refunds: done, refused = [] }: RefundAnswers): T => ({
  ...order,
  refunds: order.refunds.map(refund => {
    if (!isOpen(refund)) return refund
    if (done.includes(refund.id)) return { ...refund, done: true }
    const refusal = refused.find(({ id }) => id === refund.id)
    return refusal ? { ...refund, refused: refusal.reason } : refund
  })
})

/** Returns the trigger that follows from the recorded answers. Returns undefined while a refund is open. */
export function triggerOfAnswers(order: Refunded, { refused = [] }: RefundAnswers) {
  if (openRefunds(order).length > 0) return undefined
  if (refundable(order).amount === 0) return 'refunded'
  return refused.length > 0 ? 'refund-refused' : 'refunded-in-part'
}
