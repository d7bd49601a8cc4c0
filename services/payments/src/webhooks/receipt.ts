import { type Context, notFound, unavailable } from '@bulkhead/chassis/core'
import type { Book } from '../payments/document.ts'
import { type Ground, settle } from '../payments/settlement.ts'
import { leavingTime } from '../providers/deadline.ts'
import type { Hint } from '../providers/provider.ts'

/** Milliseconds in which the answer to our own call may still come: what a webhook tells meanwhile is told again later. */
const OWN_CALL_MS = 5_000

/** What was made of a webhook. */
export type Outcome = 'unknown' | 'known' | 'applied'

/**
 * Takes a webhook as a hint: where the book does not say the same, the provider is asked for the payment as it is now. So they may come in
 * any order, any number of times, late or never. 404 for another provider, 503 where it is to be brought again.
 */
export async function receive(
  provider: string,
  body: Buffer,
  signature: string | undefined,
  ground: Ground,
  context: Context
): Promise<Outcome> {
  const { store, clock } = ground
  if (provider !== ground.provider.name) throw notFound('There is no such provider here')
  const hint = ground.provider.parseWebhook(body, signature, clock.now())
  if (hint.reference === undefined) return 'unknown'
  // Who has voided it since knew that, and sees to it at the provider.
  const seen = store.lastSeen(hint.reference)
  if (seen && says({ state: seen }, hint)) return 'known'
  const book = await store.payments.byId(hint.reference)
  if (!book) return 'unknown'
  if (says(book, hint)) return 'known'
  const age = clock.now().getTime() - book.createdAt.getTime()
  if (book.state === 'authorising' && age < OWN_CALL_MS) throw unavailable('The payment', 1)
  const remote = await ground.provider.get(book, leavingTime(context, clock))
  if (remote) await settle(book, remote, 'by nobody', ground, context)
  return 'applied'
}

/** Whether the book says what a webhook tells, or what comes after that. */
function says(book: Pick<Book, 'state'>, { state }: Hint) {
  const isTaken = book.state === 'captured' || book.state === 'refunded'
  return state !== undefined && (state === book.state || (isTaken && state !== 'voided' && state !== 'declined'))
}
