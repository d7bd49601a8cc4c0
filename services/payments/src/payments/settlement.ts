import type { CallContext } from '@bulkhead/chassis/client'
import type { Clock } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import type { Orders } from '../clients/orders.ts'
import { type Movement, movementsOf } from '../journal/movements.ts'
import type { JournalStore } from '../journal/store.ts'
import { type Provider, type ProviderPayment, ProviderRefusal } from '../providers/provider.ts'
import { paymentSettled } from './events.ts'
import { isVoidOwed, mergePayment } from './merge.ts'
import type { PaymentRecord, PaymentStore, StoredPayment } from './store.ts'

/** The dependencies of each change of a payment. */
export type Dependencies = {
  payments: PaymentStore
  journal: JournalStore
  provider: Provider
  orders: Pick<Orders, 'getCharge'>
  clock: Clock
  log: Logger
  /** Called once for each capture, when the journal records it. */
  countCapture: (capture: Pick<Movement, 'currency' | 'amount'>) => void
}

/** The way in which orders learns the result of a payment: from the answer to its request, or from an event. */
type ResultBy = 'answer' | 'event'

/**
 * Changes the record to the provider's state, and voids the payment at the provider if the record has voided it. The journal is written
 * before the record, and each movement only once. So if a process is killed between the two writes, another process can finish the work.
 */
export async function settle(
  record: PaymentRecord,
  remote: ProviderPayment,
  resultBy: ResultBy,
  dependencies: Dependencies,
  context: CallContext
): Promise<PaymentRecord> {
  const after = await writeDown(record, remote, resultBy, dependencies, context)
  if (!isVoidOwed(after, remote)) return after
  const { provider, log } = dependencies
  try {
    const voided = await readIfRefused(provider.void(after, context), after, dependencies, context)
    return await writeDown(after, voided, resultBy, dependencies, context)
  } catch (error) {
    log.warn({ err: error, payment: after.id }, 'A payment is voided in our record only, until reconciliation voids it')
    return after
  }
}

async function writeDown(
  record: PaymentRecord,
  remote: ProviderPayment,
  resultBy: ResultBy,
  { payments, journal, clock, countCapture }: Dependencies,
  context: CallContext
) {
  for (const movement of movementsOf(record, remote)) {
    const isNew = await journal.record(movement)
    if (isNew && movement.kind === 'capture') countCapture(movement)
  }
  const rule = (before: StoredPayment) => {
    const state = mergePayment(before, remote, clock.now())
    const isNews = resultBy === 'event' && isOpen(before) && !isOpen(state)
    return { state, events: isNews ? [paymentSettled] : [] }
  }
  return payments.change(record, undefined, rule, context)
}

/**
 * Returns the answer of `call`. If the provider refuses the call, returns the provider's current payment instead. Throws any other error
 * again.
 */
export async function readIfRefused(
  call: Promise<ProviderPayment>,
  record: PaymentRecord,
  { provider, log }: Dependencies,
  context: CallContext
): Promise<ProviderPayment> {
  try {
    return await call
  } catch (error) {
    const remote = error instanceof ProviderRefusal ? await provider.get(record, context) : undefined
    if (!remote) throw error
    log.info({ err: error, payment: record.id }, 'The provider refuses a call, and our record takes over its state')
    return remote
  }
}

/** Returns true if the payment has no result yet. An authorisation is a result. */
const isOpen = ({ state }: StoredPayment) => state === 'authorising' || state === 'pending'
