import type { CallContext } from '@bulkhead/chassis/client'
import { type Context, conflict } from '@bulkhead/chassis/core'
import { type ProviderPayment, providerContext } from '../providers/provider.ts'
import { isCaptured, paymentIdOf } from './schemas.ts'
import { type Dependencies, readIfRefused, settle } from './settlement.ts'
import type { PaymentRecord, StoredPayment } from './store.ts'

/** How long reconciliation waits before it voids a payment at the provider, if the request failed to do so (ms). */
const RECONCILE_AFTER_MS = 10_000

/**
 * Voids the payment of an order permanently. The record is changed first. From then on, each replica that sees an authorisation at the
 * provider voids it there. So the void is valid even while the provider is unavailable.
 */
export async function voidForGood(
  orderId: string,
  dependencies: Dependencies,
  context: Context
): Promise<PaymentRecord> {
  const { payments, clock } = dependencies
  const id = paymentIdOf(orderId)
  const known = (await payments.byId(id)) ?? (await insertTombstone(id, dependencies, context))
  if (known.state === 'voided' && !known.dueAt) return known
  const dueAt = new Date(clock.now().getTime() + RECONCILE_AFTER_MS)
  const record = await payments.change(id, undefined, before => voidRecord(before, dueAt), context)
  if (record.state !== 'voided' || !record.dueAt) return record
  const after = await tellProvider(record, dependencies, context)
  if (after.state !== 'voided') throw alreadyCaptured()
  return after
}

function voidRecord(payment: StoredPayment, dueAt: Date) {
  if (isCaptured(payment.state)) throw alreadyCaptured()
  if (payment.state === 'voided' || payment.state === 'declined') return { state: payment, events: [] }
  return { state: { ...payment, state: 'voided' as const, action: undefined, dueAt }, events: [] }
}

/** Stores a voided record for a payment that was not requested yet, so that no authorisation can start. */
const insertTombstone = (id: string, { payments, provider, clock }: Dependencies, context: Context) =>
  payments.insertOnce(
    { id, state: 'voided', provider: provider.name, captured: 0, refunds: [], createdAt: clock.now() },
    context
  )

/** Voids at the provider. If that fails, reconciliation does it later, because the record is due. */
async function tellProvider(record: PaymentRecord, dependencies: Dependencies, context: Context) {
  const calling = providerContext(context, dependencies.clock)
  let remote: ProviderPayment | undefined
  try {
    remote = await voidAtProvider(record, dependencies, calling)
  } catch (error) {
    context.log.warn({ err: error }, `${record.id} is voided in our record only, until the provider is told`)
  }
  // If the provider does not know the payment, an authorisation may still be under way. The replica that sends it will find the record
  // voided.
  return remote ? settle(record, remote, 'answer', dependencies, context) : record
}

async function voidAtProvider(record: PaymentRecord, dependencies: Dependencies, calling: CallContext) {
  const { provider } = dependencies
  const remote = record.remoteId ? undefined : await provider.get(record, calling)
  const remoteId = record.remoteId ?? remote?.remoteId
  if (!record.remoteId && !remote) return undefined
  const voiding = provider.void({ id: record.id, remoteId }, calling)
  return readIfRefused(voiding, { ...record, remoteId }, dependencies, calling)
}

const alreadyCaptured = () =>
  conflict('payment-captured', 'The payment is captured: only a refund can return the money')
