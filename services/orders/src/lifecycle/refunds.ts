import { type Money, newId } from '@bulkhead/chassis/core'

/** A refund as it is stored. `refused` says why payments never will: then nothing of it was paid back. */
export type StoredRefund = { id: string; amount: Money; at: Date; reason: string; done: boolean; refused?: string }

type Refunded = { total: Money; refunds: StoredRefund[] }

/** What payments answered to refunds: the IDs of those that are done, and of those that never will be, with why. */
export type Answers = { refunds: string[]; refused?: { id: string; reason: string }[] }

const isOpen = ({ done, refused }: StoredRefund) => !done && refused === undefined

/** Those that are neither done nor refused. */
export const openRefunds = ({ refunds }: Pick<Refunded, 'refunds'>) => refunds.filter(isOpen)

/** What was not paid back yet nor is going to be. What was refused is there to be refunded again. */
export const refundable = ({ total, refunds }: Refunded): Money => ({
  ...total,
  amount: refunds
    .filter(({ refused }) => refused === undefined)
    .reduce((left, { amount }) => left - amount.amount, total.amount)
})

export const withRefund = <T extends Refunded>(order: T, amount: Money, reason: string, at: Date): T => ({
  ...order,
  refunds: [...order.refunds, { id: newId('rfd'), amount, at, reason, done: false }]
})

/** With the answers of payments. The first one stays, whatever comes late. */
export const answered = <T extends Refunded>(order: T, { refunds: done, refused = [] }: Answers): T => ({
  ...order,
  refunds: order.refunds.map(refund => {
    if (!isOpen(refund)) return refund
    if (done.includes(refund.id)) return { ...refund, done: true }
    const refusal = refused.find(({ id }) => id === refund.id)
    return refusal ? { ...refund, refused: refusal.reason } : refund
  })
})

/** What is known of an order by the answers to its refunds; nothing while one is open. */
export function knownOf(order: Refunded, { refused = [] }: Answers) {
  if (openRefunds(order).length > 0) return undefined
  if (refundable(order).amount === 0) return 'refunded'
  return refused.length > 0 ? 'refund-refused' : 'refunded-in-part'
}
