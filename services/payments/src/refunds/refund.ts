import type { CallContext } from '@bulkhead/chassis/client'
import { type Context, conflict, found, Problem } from '@bulkhead/chassis/core'
import { type Book, paymentIdOf, promised, type StoredPayment } from '../payments/document.ts'
import { MOST_REFUNDS, type Refund } from '../payments/schemas.ts'
import { type Ground, settle } from '../payments/settlement.ts'
import { leavingTime } from '../providers/deadline.ts'
import { Refused } from '../providers/provider.ts'

const LOOK_AFTER_MS = 10_000

type Asked = { id: string; amount: number }

/** Gives back once for each ID. 503 where the provider can't be asked: then reconciliation goes on with it, and asking again is safe. */
export async function refund(orderId: string, asked: Asked, ground: Ground, context: Context): Promise<Book> {
  const { store, clock } = ground
  const id = paymentIdOf(orderId)
  const known = refundOf(found(await store.payments.byId(id)), asked.id)
  const dueAt = new Date(clock.now().getTime() + LOOK_AFTER_MS)
  const book = await store.payments.change(id, undefined, before => begun(before, asked, dueAt), context)
  if (refundOf(book, asked.id)!.state === 'done') return book
  const after = await finishRefund(book, asked, known !== undefined, ground, leavingTime(context, clock))
  if (refundOf(after, asked.id)!.state !== 'done') throw conflict('refund-refused', 'The provider refuses the refund')
  return after
}

/** Its amount counts from here on, so that all that are under way stay within what was captured. */
function begun(book: StoredPayment, asked: Asked, dueAt: Date) {
  const earlier = refundOf(book, asked.id)
  if (earlier && earlier.amount !== asked.amount)
    throw conflict('refund-differs', 'The refund was asked for with another amount')
  if (earlier?.state === 'refused') throw conflict('refund-refused', 'The provider refuses the refund')
  if (earlier) return { state: book, events: [] }
  if (book.state !== 'captured' && book.state !== 'refunded')
    throw conflict(`payment-${book.state}`, `The payment is ${book.state}`)
  if (promised(book.refunds) + asked.amount > book.captured) throw aboveCapture()
  if (book.refunds.length >= MOST_REFUNDS) throw conflict('too-many-refunds', 'The payment has too many refunds')
  return { state: { ...book, refunds: [...book.refunds, { ...asked, state: 'begun' as const }], dueAt }, events: [] }
}

/** Has the provider make a refund that the book has begun. Who `mayBeThere` looks first: a provider forgets keys after a day. */
export async function finishRefund(
  book: Book,
  { id, amount }: Asked,
  mayBeThere: boolean,
  ground: Ground,
  asking: CallContext
): Promise<Book> {
  const { provider, store } = ground
  if (mayBeThere) {
    const remote = await provider.get(book, asking)
    const after = remote && (await settle(book, remote, 'by orders', ground, asking))
    if (after && refundOf(after, id)!.state === 'done') return after
  }
  try {
    const remote = await provider.refund(book, { id, amount }, asking)
    return await settle(book, remote, 'by orders', ground, asking)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    ground.logger.warn({ err: error, payment: book.id, refund: id }, 'The provider refuses a refund')
    return store.payments.change(
      book.id,
      undefined,
      before => ({ state: withoutRefund(before, id), events: [] }),
      asking
    )
  }
}

/** Refused, unless somebody saw it done meanwhile. */
function withoutRefund(book: StoredPayment, id: string): StoredPayment {
  const refunds = book.refunds.map(refund =>
    refund.id === id && refund.state === 'begun' ? { ...refund, state: 'refused' as const } : refund
  )
  const isDue = refunds.some(({ state }) => state === 'begun')
  return { ...book, refunds, dueAt: isDue ? book.dueAt : undefined }
}

const refundOf = ({ refunds }: StoredPayment, id: string): Refund | undefined => refunds.find(known => known.id === id)

const aboveCapture = () =>
  new Problem(422, 'above-capture', 'More than was captured', {
    errors: [{ pointer: '/body/amount', detail: 'All refunds together would be more than was captured' }]
  })
