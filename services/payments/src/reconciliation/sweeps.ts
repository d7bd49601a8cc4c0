import { continueTrace, traceIdOf } from '@bulkhead/chassis/core'
import type { Book, StoredPayment } from '../payments/document.ts'
import { agrees } from '../payments/merge.ts'
import { type Ground, settle } from '../payments/settlement.ts'
import { duePayments } from '../payments/store.ts'
import { PROVIDER_MS } from '../providers/deadline.ts'
import type { Remote } from '../providers/provider.ts'
import { finishRefund } from '../refunds/refund.ts'

/** What reconciliation did about a payment. */
export type Outcome = 'same' | 'mended' | 'unknown' | 'failed'
export type Reconciling = Ground & { count: (outcome: Outcome) => void }

const BATCH = 100
/** Milliseconds until the next look: a quarter of the payment's age, within these. */
const [FIRST_MS, MOST_MS] = [10_000, 3_600_000]
/** Milliseconds in which an authorisation that was voided on its way may still reach the provider. After that it is found as a change. */
const ON_ITS_WAY_MS = 3_600_000

/** The context of a piece of work that nobody waits for. */
function ownContext({ clock }: Ground) {
  const traceparent = continueTrace(undefined)
  return { requestId: traceIdOf(traceparent), traceparent, deadline: clock.now().getTime() + PROVIDER_MS }
}

/** Asks the provider about each payment that has been under way for too long, and ends what a kill or an outage left. */
export async function lookAtDue(ground: Reconciling, signal: AbortSignal): Promise<void> {
  for (const book of await duePayments(ground.store, ground.clock.now(), BATCH)) {
    if (signal.aborted) return
    try {
      ground.count((await lookAt(book, ground)) ? 'mended' : 'same')
    } catch (error) {
      ground.count('failed')
      ground.logger.warn({ err: error, payment: book.id }, 'A payment could not be reconciled and is looked at again')
      await postpone(book, ground)
    }
  }
}

/** Whether it changed anything. */
async function lookAt(book: Book, ground: Reconciling): Promise<boolean> {
  const remote = await ground.provider.get(book, ownContext(ground))
  let after = remote ? await settle(book, remote, 'by nobody', ground, ownContext(ground)) : book
  for (const refund of after.refunds)
    if (refund.state === 'begun') after = await finishRefund(after, refund, false, ground, ownContext(ground))
  if (after.dueAt) await postpone(after, ground)
  return after.version !== book.version
}

async function postpone({ id }: Book, ground: Ground) {
  const now = ground.clock.now().getTime()
  const rule = (before: StoredPayment) => {
    const age = now - before.createdAt.getTime()
    const isOver = before.state === 'voided' && before.remoteId === undefined && age > ON_ITS_WAY_MS
    const next = new Date(now + Math.min(MOST_MS, Math.max(FIRST_MS, age / 4)))
    return { state: { ...before, dueAt: before.dueAt && !isOver ? next : undefined }, events: [] }
  }
  await ground.store.payments.change(id, undefined, rule, ownContext(ground))
}

/** Compares all payments that changed at the provider since a time with the book. Returns the time of the last change. */
export async function lookAtChanges(since: string, ground: Reconciling, signal: AbortSignal): Promise<string> {
  let until = since
  for (let cursor: string | undefined; ; ) {
    const page = await ground.provider.changedSince(since, cursor, ownContext(ground))
    const books = await ground.store.payments.byIds(page.changed.map(({ reference }) => reference))
    const known = new Map(books.map(book => [book.id, book]))
    for (const remote of page.changed) await compare(known.get(remote.reference), remote, ground)
    if (page.until > until) until = page.until
    cursor = page.next
    if (cursor === undefined || signal.aborted) return until
  }
}

async function compare(book: Book | undefined, remote: Remote, ground: Reconciling) {
  if (!book) {
    ground.count('unknown')
    ground.logger.error({ reference: remote.reference }, 'The provider has a payment that the book does not know')
    return
  }
  // Its own call may be under way; it is due, and looked at by itself.
  if (book.state === 'authorising' || agrees(book, remote, ground.clock.now())) return
  await settle(book, remote, 'by nobody', ground, ownContext(ground))
  ground.count('mended')
}
