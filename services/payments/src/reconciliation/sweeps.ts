import { newCallContext } from '@bulkhead/chassis/client'
import { isAgreed } from '../payments/merge.ts'
import { type Dependencies, settle } from '../payments/settlement.ts'
import type { PaymentRecord, StoredPayment } from '../payments/store.ts'
import { PROVIDER_MS, type ProviderPayment } from '../providers/provider.ts'
import { finishRefund } from '../refunds/refund.ts'

/** The outcomes of looking at a payment. `unknown`: the provider has a payment of which there is no record. */
export const OUTCOMES = ['same', 'mended', 'unknown', 'failed'] as const

export type Outcome = (typeof OUTCOMES)[number]

/** The dependencies of sweeps. `count` is called with the outcome for each payment. */
export type SweepDependencies = Dependencies & { count: (outcome: Outcome) => void }

const BATCH = 100
/** A due payment is checked again after a quarter of its age, within these limits (ms). */
const SHORTEST_WAIT_MS = 10_000
const LONGEST_WAIT_MS = 3_600_000
/**
 * How long reconciliation looks for a voided payment that the provider does not know (ms). If its authorisation arrives even later, the
 * sweep of changes finds it.
 */
const ON_ITS_WAY_MS = 3_600_000

/**
 * Asks the provider about each payment that has been unfinished for too long, and finishes the payment. Stops early when `signal` aborts.
 */
export async function reconcileDue(dependencies: SweepDependencies, signal: AbortSignal): Promise<void> {
  const { payments, clock, log, count } = dependencies
  for (const record of await payments.due(clock.now(), BATCH)) {
    if (signal.aborted) return
    try {
      count((await finish(record, dependencies)) ? 'mended' : 'same')
    } catch (error) {
      count('failed')
      log.warn({ err: error, payment: record.id }, 'A payment could not be reconciled and is tried again later')
      await postpone(record, dependencies)
    }
  }
}

/** Settles a payment and finishes its refunds. Returns true if that changed the record. */
async function finish(record: PaymentRecord, dependencies: SweepDependencies): Promise<boolean> {
  const { provider, clock } = dependencies
  const remote = await provider.get(record, newCallContext(PROVIDER_MS, clock))
  let after = remote ? await settle(record, remote, 'event', dependencies, newCallContext(PROVIDER_MS, clock)) : record
  for (const refund of after.refunds)
    if (refund.state === 'begun')
      after = await finishRefund(after, refund, false, dependencies, newCallContext(PROVIDER_MS, clock))
  if (after.dueAt) await postpone(after, dependencies)
  return after.version !== record.version
}

async function postpone({ id }: PaymentRecord, { payments, clock }: SweepDependencies) {
  const now = clock.now().getTime()
  const rule = (before: StoredPayment) => {
    const age = now - before.createdAt.getTime()
    const isOver = before.state === 'voided' && before.remoteId === undefined && age > ON_ITS_WAY_MS
    const next = new Date(now + Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, age / 4)))
    return { state: { ...before, dueAt: before.dueAt && !isOver ? next : undefined }, events: [] }
  }
  await payments.change(id, undefined, rule, newCallContext(PROVIDER_MS, clock))
}

/**
 * Finds all payments that have changed at the provider since an ISO 8601 time, and compares them with the records. Returns the time of the
 * last change. Stops after the current page when `signal` aborts.
 */
export async function reconcileChanges(
  since: string,
  dependencies: SweepDependencies,
  signal: AbortSignal
): Promise<string> {
  const { payments, provider, clock } = dependencies
  let until = since
  for (let cursor: string | undefined; ; ) {
    const page = await provider.changedSince(since, cursor, newCallContext(PROVIDER_MS, clock))
    const records = await payments.byIds(page.changed.map(({ reference }) => reference))
    const known = new Map(records.map(record => [record.id, record]))
    for (const remote of page.changed) await compare(known.get(remote.reference), remote, dependencies)
    if (page.until > until) until = page.until
    cursor = page.next
    if (cursor === undefined || signal.aborted) return until
  }
}

async function compare(record: PaymentRecord | undefined, remote: ProviderPayment, dependencies: SweepDependencies) {
  const { clock, log, count } = dependencies
  if (!record) {
    count('unknown')
    log.error({ reference: remote.reference }, 'The provider has a payment that we have no record of')
    return
  }
  // Our own request may still be running. `reconcileDue` handles the payment when it is due.
  if (record.state === 'authorising' || isAgreed(record, remote, clock.now())) return
  await settle(record, remote, 'event', dependencies, newCallContext(PROVIDER_MS, clock))
  count('mended')
}
