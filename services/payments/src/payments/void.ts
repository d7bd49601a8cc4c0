import { type Context, conflict } from '@bulkhead/chassis/core'
import { isDuplicateKey } from '@bulkhead/chassis/mongo'
import { leavingTime } from '../providers/deadline.ts'
import type { Remote } from '../providers/provider.ts'
import { type Book, paymentIdOf, type StoredPayment } from './document.ts'
import { type Ground, refusedAsIs, settle } from './settlement.ts'

/** Milliseconds after which reconciliation voids what the provider could not be told, or did not know yet. */
const LOOK_AFTER_MS = 10_000

/**
 * Lets a payment go for ever. The book says so first: from then on whoever sees an authorisation at the provider voids it, so that it is
 * an answer though the provider is away.
 */
export async function voidPayment(orderId: string, ground: Ground, context: Context): Promise<Book> {
  const { store, clock } = ground
  const id = paymentIdOf(orderId)
  const known = (await store.payments.byId(id)) ?? (await tombstone(id, ground, context))
  if (known.state === 'voided' && !known.dueAt) return known
  const dueAt = new Date(clock.now().getTime() + LOOK_AFTER_MS)
  const book = await store.payments.change(id, undefined, before => letGo(before, dueAt), context)
  if (book.state !== 'voided' || !book.dueAt) return book
  const after = await tellProvider(book, ground, context)
  if (after.state !== 'voided') throw captured()
  return after
}

function letGo(book: StoredPayment, dueAt: Date) {
  if (book.state === 'captured' || book.state === 'refunded') throw captured()
  if (book.state === 'voided' || book.state === 'declined') return { state: book, events: [] }
  return { state: { ...book, state: 'voided' as const, action: undefined, dueAt }, events: [] }
}

/** Voided before it was asked for: its ID is taken, so that no authorisation can begin any more. */
async function tombstone(id: string, { store, provider, clock }: Ground, context: Context): Promise<Book> {
  const nothing = { state: 'voided' as const, provider: provider.name, captured: 0, refunds: [] }
  try {
    return await store.payments.insert({ id, ...nothing, createdAt: clock.now() }, [], context)
  } catch (error) {
    const earlier = isDuplicateKey(error) && (await store.payments.byId(id))
    if (!earlier) throw error
    return earlier
  }
}

/** What the provider does not hear of now is reconciliation's: the book has it due. */
async function tellProvider(book: Book, ground: Ground, context: Context): Promise<Book> {
  const asking = leavingTime(context, ground.clock)
  let remote: Remote | undefined
  try {
    remote = await voidAtProvider(book, ground, asking)
  } catch (error) {
    context.log.warn({ err: error }, `${book.id} is voided in the book only, until the provider is told`)
  }
  // Unknown to the provider, it may be on its way there: whoever sent it finds the book as it is now.
  return remote ? settle(book, remote, 'by orders', ground, context) : book
}

async function voidAtProvider(book: Book, ground: Ground, asking: ReturnType<typeof leavingTime>) {
  const remote = book.remoteId ? undefined : await ground.provider.get(book, asking)
  if (!book.remoteId && !remote) return undefined
  const named = { id: book.id, remoteId: book.remoteId ?? remote?.remoteId }
  return ground.provider.void(named, asking).catch(error => refusedAsIs(error, { ...book, ...named }, ground, asking))
}

const captured = () => conflict('payment-captured', 'The money was taken: only a refund gives it back')
