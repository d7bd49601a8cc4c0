import type { CallContext } from '@bulkhead/chassis/client'
import { type Context, conflict, orNotFound, Problem } from '@bulkhead/chassis/core'
import { isCaptured, paymentIdOf } from '../payments/schemas.ts'
import { type Dependencies, settle } from '../payments/settlement.ts'
import type { PaymentRecord, StoredPayment } from '../payments/store.ts'
import { ProviderRefusal, providerContext } from '../providers/provider.ts'
import { MOST_REFUNDS, promisedAmount, type Refund } from './schemas.ts'

/** How long reconciliation waits before it finishes a refund that has no result (ms). */
const RECONCILE_AFTER_MS = 10_000

type WantedRefund = Pick<Refund, 'id' | 'amount'>

/**
 * Makes a refund once for each ID. Throws a 503 if the provider does not answer. Then reconciliation finishes the refund, and a repeated
 * request is safe.
 */
export async function refund(
  orderId: string,
  wanted: WantedRefund,
  dependencies: Dependencies,
  context: Context
): Promise<PaymentRecord> {
  const { payments, clock } = dependencies
  const id = paymentIdOf(orderId)
  const known = refundOf(orNotFound(await payments.byId(id)), wanted.id)
  const dueAt = new Date(clock.now().getTime() + RECONCILE_AFTER_MS)
  const record = await payments.change(id, undefined, before => beginRefund(before, wanted, dueAt), context)
  if (refundOf(record, wanted.id)!.state === 'done') return record
  const after = await finishRefund(record, wanted, known !== undefined, dependencies, providerContext(context, clock))
  if (refundOf(after, wanted.id)!.state !== 'done') throw refundRefused()
  return after
}

/** Adds the refund to the record. Its amount counts from then on, so concurrent refunds together never exceed the captured amount. */
function beginRefund(payment: StoredPayment, wanted: WantedRefund, dueAt: Date) {
  const earlier = refundOf(payment, wanted.id)
  if (earlier && earlier.amount !== wanted.amount)
    throw conflict('refund-differs', 'The refund was requested with another amount')
  if (earlier?.state === 'refused') throw refundRefused()
  if (earlier) return { state: payment, events: [] }
  if (!isCaptured(payment.state)) throw conflict(`payment-${payment.state}`, `The payment is ${payment.state}`)
  if (promisedAmount(payment.refunds) + wanted.amount > payment.captured) throw aboveCapture()
  if (payment.refunds.length >= MOST_REFUNDS) throw conflict('too-many-refunds', 'The payment has too many refunds')
  const refunds = [...payment.refunds, { ...wanted, state: 'begun' as const }]
  return { state: { ...payment, refunds, dueAt }, events: [] }
}

/**
 * Makes a refund at the provider that the record already has. If `mayExist`, first checks whether the provider has the refund, because a
 * provider forgets idempotency keys after a day.
 */
export async function finishRefund(
  record: PaymentRecord,
  { id, amount }: WantedRefund,
  mayExist: boolean,
  dependencies: Dependencies,
  context: CallContext
): Promise<PaymentRecord> {
  const { provider, payments, log } = dependencies
  if (mayExist) {
    const remote = await provider.get(record, context)
    const after = remote && (await settle(record, remote, 'answer', dependencies, context))
    if (after && refundOf(after, id)!.state === 'done') return after
  }
  try {
    const remote = await provider.refund(record, { id, amount }, context)
    return await settle(record, remote, 'answer', dependencies, context)
  } catch (error) {
    if (!(error instanceof ProviderRefusal)) throw error
    log.warn({ err: error, payment: record.id, refund: id }, 'The provider refuses a refund')
    const rule = (before: StoredPayment) => ({ state: refuseRefund(before, id), events: [] })
    return payments.change(record.id, undefined, rule, context)
  }
}

/** Marks a refund as refused, unless a webhook or reconciliation has marked it as done in the meantime. */
function refuseRefund(payment: StoredPayment, id: string): StoredPayment {
  const refunds = payment.refunds.map(refund =>
    refund.id === id && refund.state === 'begun' ? { ...refund, state: 'refused' as const } : refund
  )
  const isDue = refunds.some(({ state }) => state === 'begun')
  return { ...payment, refunds, dueAt: isDue ? payment.dueAt : undefined }
}

const refundOf = ({ refunds }: StoredPayment, id: string): Refund | undefined => refunds.find(known => known.id === id)

const refundRefused = () => conflict('refund-refused', 'The provider refuses the refund')

const aboveCapture = () =>
  new Problem(422, 'above-capture', 'More than was captured', {
    errors: [{ pointer: '/body/amount', detail: 'All refunds together would exceed the captured amount' }]
  })
