import type { CallContext } from '@bulkhead/chassis/client'
import type { Clock } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import { type Provider, Refused, type Remote } from '../providers/provider.ts'
import type { Book, StoredPayment } from './document.ts'
import { paymentSettled } from './events.ts'
import { movementsOf, owesVoid, settled } from './merge.ts'
import type { Store } from './store.ts'

export type Ground = { store: Store; provider: Provider; clock: Clock; logger: Logger }

/** Who asked for the result: orders, who is answered with it, or nobody, and then an event tells of it. */
type Asked = 'by orders' | 'by nobody'

/**
 * Brings the book to what the provider says, and the provider to what the book has voided. The journal is written before the state
 * that tells of it; killed between the two, whoever settles again writes neither twice.
 */
export async function settle(
  book: Book,
  remote: Remote,
  asked: Asked,
  ground: Ground,
  context: CallContext
): Promise<Book> {
  const after = await writeDown(book, remote, asked, ground, context)
  if (!owesVoid(after, remote)) return after
  try {
    const voided = await ground.provider.void(after, context).catch(error => refusedAsIs(error, after, ground, context))
    return await writeDown(after, voided, asked, ground, context)
  } catch (error) {
    ground.logger.warn(
      { err: error, payment: after.id },
      'A payment is voided in the book only, until reconciliation voids it'
    )
    return after
  }
}

async function writeDown(book: Book, remote: Remote, asked: Asked, { store, clock }: Ground, context: CallContext) {
  for (const movement of movementsOf(book, remote)) await store.journal.record(movement)
  const rule = (before: StoredPayment) => {
    const state = settled(before, remote, clock.now())
    const isNews = asked === 'by nobody' && isOpen(before) && !isOpen(state)
    return { state, events: isNews ? [paymentSettled] : [] }
  }
  return store.payments.change(book, undefined, rule, context)
}

/** The payment as the provider has it, if the error is a refusal. Throws any other error again. */
export async function refusedAsIs(
  error: unknown,
  book: Book,
  { provider, logger }: Ground,
  context: CallContext
): Promise<Remote> {
  const remote = error instanceof Refused ? await provider.get(book, context) : undefined
  if (!remote) throw error
  logger.info({ err: error, payment: book.id }, 'The provider refuses, and the book takes over the state that it has')
  return remote
}

/** Without a result yet: `authorised`, too, is one. */
const isOpen = ({ state }: StoredPayment) => state === 'authorising' || state === 'pending'
