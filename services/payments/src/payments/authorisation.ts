import { callOptional } from '@bulkhead/chassis/client'
import { type Context, conflict } from '@bulkhead/chassis/core'
import { PROVIDER_MS } from '../providers/provider.ts'
import { paymentIdOf } from './schemas.ts'
import { type Dependencies, settle } from './settlement.ts'
import type { PaymentRecord } from './store.ts'

/** How long reconciliation waits before it looks for the result of an authorisation (ms). */
const RECONCILE_AFTER_MS = 15_000

/**
 * Authorises the payment of an order once, or continues after an interrupted attempt. Returns the unchanged record if the provider does not
 * answer.
 */
export async function authorise(
  orderId: string,
  method: string,
  dependencies: Dependencies,
  context: Context
): Promise<PaymentRecord> {
  const { provider, clock } = dependencies
  const record = await begin(orderId, method, dependencies, context)
  const { id, state, amount } = record
  // A payment that was voided before it was requested has no method.
  if (record.method !== undefined && record.method !== method)
    throw conflict('payment-differs', 'The payment was requested with another payment method')
  if (state !== 'authorising' && state !== 'pending') return record
  const limits = { timeout: PROVIDER_MS, context, clock, warning: `${id} stays ${state}: the provider did not answer` }
  const settled = await callOptional(async calling => {
    const remote =
      state === 'pending'
        ? await provider.get(record, calling)
        : await provider.authorise({ id, amount: amount!, method }, calling)
    return remote && settle(record, remote, 'answer', dependencies, calling)
  }, limits)
  return settled ?? record
}

/** Stores the request before it is sent to the provider, so that the provider never has a payment that payments does not know. */
async function begin(orderId: string, method: string, dependencies: Dependencies, context: Context) {
  const { payments, provider, orders, clock } = dependencies
  const { amount } = await orders.getCharge({ params: { id: orderId } }, context)
  const now = clock.now()
  return payments.insertOnce(
    {
      id: paymentIdOf(orderId),
      state: 'authorising',
      provider: provider.name,
      amount,
      method,
      captured: 0,
      refunds: [],
      createdAt: now,
      dueAt: new Date(now.getTime() + RECONCILE_AFTER_MS)
    },
    context
  )
}
