import { isDeepStrictEqual } from 'node:util'
import type { Remote } from '../providers/provider.ts'
import { givenBack, type StoredPayment } from './document.ts'
import type { Refund, State } from './schemas.ts'

/** A movement of money at the provider. Its ID is the same whoever finds it, and however often. */
export type Movement = { id: string; paymentId: string; kind: 'capture' | 'refund'; currency: string; amount: number }

/** Milliseconds until reconciliation looks again at what has not come to its end. */
const [PENDING_MS, OWED_MS] = [60_000, 10_000]

/** States that a payment without money goes through, in their order: an old answer never takes it back. */
const ORDER: State[] = ['authorising', 'pending', 'authorised']

/**
 * What the book says when it has seen the payment as the provider has it. Pure, and the only way that an answer, a webhook or
 * reconciliation changes the book. Money that moved is a fact, whatever the book says; but what the book voided stays so.
 */
export function settled(book: StoredPayment, remote: Remote, now: Date): StoredPayment {
  const known = { ...book, remoteId: remote.remoteId ?? book.remoteId }
  const next = remote.captured > 0 ? withMoney(known, remote) : withoutMoney(known, remote)
  return { ...next, dueAt: nextLook(next, remote, now) }
}

function withMoney(book: StoredPayment, { captured, refunds: remote }: Remote): StoredPayment {
  const done = new Set(remote.map(({ id }) => id))
  const known = book.refunds.map(refund => (done.has(refund.id) ? { ...refund, state: 'done' as const } : refund))
  const isKnown = new Set(known.map(({ id }) => id))
  const foreign = remote.filter(({ id }) => !isKnown.has(id)).map((made): Refund => ({ ...made, state: 'done' }))
  const refunds = [...known, ...foreign]
  const state = givenBack(refunds) >= captured ? 'refunded' : 'captured'
  return { ...book, state, captured, refunds, reason: undefined, action: undefined }
}

function withoutMoney(book: StoredPayment, remote: Remote): StoredPayment {
  if (!ORDER.includes(book.state)) return book
  const { state, reason, action } = remote
  if (state === 'declined') return { ...book, state, reason: reason ?? 'refused-by-provider', action: undefined }
  if (state === 'voided') return { ...book, state, action: undefined }
  if (ORDER.indexOf(state) <= ORDER.indexOf(book.state)) return book
  return { ...book, state, action: state === 'pending' ? action : undefined }
}

/** Whether the book says what the provider says, so that there is nothing to write and nothing to void. */
export const agrees = (book: StoredPayment, remote: Remote, now: Date) =>
  !owesVoid(book, remote) && isDeepStrictEqual(content(settled(book, remote, now)), content(book))

const content = ({ state, captured, refunds }: StoredPayment) => ({ state, captured, refunds })

/** Whether the provider holds money that the book has let go. */
export const owesVoid = (book: StoredPayment, remote: Remote) =>
  (book.state === 'voided' || book.state === 'declined') &&
  (remote.state === 'authorised' || remote.state === 'pending')

function nextLook(book: StoredPayment, remote: Remote, now: Date): Date | undefined {
  const after = (milliseconds: number) => new Date(now.getTime() + milliseconds)
  if (owesVoid(book, remote) || book.refunds.some(({ state }) => state === 'begun')) return book.dueAt ?? after(OWED_MS)
  return book.state === 'pending' ? (book.dueAt ?? after(PENDING_MS)) : undefined
}

/** The movements at the provider that the book does not have. */
export function movementsOf(book: StoredPayment, remote: Remote): Movement[] {
  if (remote.captured === 0) return []
  const common = { paymentId: book.id, currency: book.amount!.currency }
  const done = new Set(book.refunds.filter(({ state }) => state === 'done').map(({ id }) => id))
  const refunds = remote.refunds.filter(({ id }) => !done.has(id))
  return [
    ...(book.captured === 0
      ? [{ ...common, id: `${book.id}.capture`, kind: 'capture' as const, amount: remote.captured }]
      : []),
    ...refunds.map(({ id, amount }) => ({ ...common, id: `${book.id}.${id}`, kind: 'refund' as const, amount }))
  ]
}
