import { isDeepStrictEqual } from 'node:util'
import type { ProviderPayment } from '../providers/provider.ts'
import { type Refund, refundedAmount } from '../refunds/schemas.ts'
import type { State } from './schemas.ts'
import type { StoredPayment } from './store.ts'

/** How long reconciliation waits before it looks again at a pending payment (ms). */
const PENDING_MS = 60_000
/** How long reconciliation waits before it looks at an unfinished void or refund at the provider (ms). */
const OWED_MS = 10_000

/** The states before money moves, in their order. An old answer of the provider never restores an earlier state. */
const ORDER: State[] = ['authorising', 'pending', 'authorised']

/**
 * Merges the provider's state into the payment. Answers, webhooks and reconciliation all change the record by this rule. If the provider
 * has moved money, the record takes over the provider's state. Otherwise, a voided record stays voided.
 */
export function mergePayment(payment: StoredPayment, remote: ProviderPayment, now: Date): StoredPayment {
  const known = { ...payment, remoteId: remote.remoteId ?? payment.remoteId }
  const merged = remote.captured > 0 ? withMoney(known, remote) : withoutMoney(known, remote)
  return { ...merged, dueAt: nextDueAt(merged, remote, now) }
}

function withMoney(payment: StoredPayment, { captured, refunds: remote }: ProviderPayment): StoredPayment {
  const done = new Set(remote.map(({ id }) => id))
  const known = payment.refunds.map(refund => (done.has(refund.id) ? { ...refund, state: 'done' as const } : refund))
  const knownIds = new Set(known.map(({ id }) => id))
  const foreign = remote.filter(({ id }) => !knownIds.has(id)).map((made): Refund => ({ ...made, state: 'done' }))
  const refunds = [...known, ...foreign]
  const state = refundedAmount(refunds) >= captured ? 'refunded' : 'captured'
  return { ...payment, state, captured, refunds, reason: undefined, action: undefined }
}

function withoutMoney(payment: StoredPayment, remote: ProviderPayment): StoredPayment {
  if (!ORDER.includes(payment.state)) return payment
  const { state, reason, action } = remote
  if (state === 'declined') return { ...payment, state, reason: reason ?? 'refused-by-provider', action: undefined }
  if (state === 'voided') return { ...payment, state, action: undefined }
  if (ORDER.indexOf(state) <= ORDER.indexOf(payment.state)) return payment
  return { ...payment, state, action: state === 'pending' ? action : undefined }
}

/** Returns true if the record and the provider agree: there is nothing to write and nothing to void. */
export const isAgreed = (payment: StoredPayment, remote: ProviderPayment, now: Date) =>
  !isVoidOwed(payment, remote) && isDeepStrictEqual(contentOf(mergePayment(payment, remote, now)), contentOf(payment))

const contentOf = ({ state, captured, refunds }: StoredPayment) => ({ state, captured, refunds })

/** Returns true if the provider holds money for a payment that is voided or declined in the record. */
export const isVoidOwed = (payment: StoredPayment, remote: ProviderPayment) =>
  (payment.state === 'voided' || payment.state === 'declined') &&
  (remote.state === 'authorised' || remote.state === 'pending')

function nextDueAt(payment: StoredPayment, remote: ProviderPayment, now: Date): Date | undefined {
  const after = (milliseconds: number) => new Date(now.getTime() + milliseconds)
  const isRefundOpen = payment.refunds.some(({ state }) => state === 'begun')
  if (isVoidOwed(payment, remote) || isRefundOpen) return payment.dueAt ?? after(OWED_MS)
  return payment.state === 'pending' ? (payment.dueAt ?? after(PENDING_MS)) : undefined
}
