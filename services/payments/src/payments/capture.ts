import { type Context, conflict, found, Problem } from '@bulkhead/chassis/core'
import { leavingTime } from '../providers/deadline.ts'
import { type Book, paymentIdOf } from './document.ts'
import { type Ground, refusedAsIs, settle } from './settlement.ts'

/** Captures once. The provider decides between this and a void that comes at the same time. 503 where it can't be asked. */
export async function capture(
  orderId: string,
  asked: number | undefined,
  ground: Ground,
  context: Context
): Promise<Book> {
  const book = found(await ground.store.payments.byId(paymentIdOf(orderId)))
  const amount = asked ?? book.amount?.amount ?? 0
  if (isTaken(book)) return taken(book, amount)
  if (book.state !== 'authorised') throw conflict(`payment-${book.state}`, `The payment is ${book.state}`)
  if (amount > book.amount!.amount) throw aboveAuthorisation()
  const asking = leavingTime(context, ground.clock)
  const remote = await ground.provider
    .capture(book, amount, asking)
    .catch(error => refusedAsIs(error, book, ground, asking))
  const after = await settle(book, remote, 'by orders', ground, context)
  if (!isTaken(after)) throw conflict(`payment-${after.state}`, `The payment is ${after.state}`)
  return taken(after, amount)
}

const isTaken = ({ state }: Book) => state === 'captured' || state === 'refunded'

function taken(book: Book, amount: number) {
  if (book.captured !== amount) throw conflict('capture-differs', 'Another amount was captured')
  return book
}

const aboveAuthorisation = () =>
  new Problem(422, 'above-authorisation', 'More than is authorised', {
    errors: [{ pointer: '/body/amount', detail: 'More than is authorised' }]
  })
