import { answered } from './answers.ts'
import type { Books, Order } from './books.ts'
import { journalOf, moneyOf } from './money.ts'
import { reservationOf, stockOf } from './stock.ts'

/*
 * The rules that all books must follow once every order is finished. Each book is read through its service's API. The audit knows nothing
 * of how a service works.
 */

/** The final states of an order, and `captured`, which may last. */
const AT_REST = ['captured', 'refunded', 'rejected', 'declined', 'cancelled', 'expired']

/** Returns one line for each mistake in the books. */
export function audit(books: Books): string[] {
  const reservations = new Map(books.reservations.map(each => [each.orderId, each]))
  const payments = new Map(books.payments.map(each => [each.orderId, each]))
  const byReference = Map.groupBy(books.provider, ({ reference }) => reference)
  const orders = new Map(books.orders.map(each => [each.id, each]))
  const known = new Set(books.payments.map(({ id }) => id))

  return [
    ...answered(books, orders),
    ...books.orders.flatMap(orderAtRest),
    ...books.orders.flatMap(order => moneyOf(order, payments.get(order.id), byReference)),
    ...books.orders.flatMap(order => reservationOf(order, reservations.get(order.id))),
    ...books.payments.flatMap(({ id, orderId }) => (orders.has(orderId) ? [] : [`${id} belongs to no order`])),
    ...books.reservations.flatMap(({ orderId, state }) =>
      orders.has(orderId) || state === 'released' ? [] : [`the reservation of ${orderId} belongs to no order`]
    ),
    ...books.provider.flatMap(({ id, reference }) =>
      known.has(reference) ? [] : [`the provider's ${id} belongs to no payment`]
    ),
    ...stockOf(books),
    ...journalOf(books),
    ...Object.entries(books.deadLetters).flatMap(([service, count]) =>
      count > 0 ? [`${service} has ${count} dead letters`] : []
    ),
    ...Object.entries(books.pending ?? {}).flatMap(([what, count]) =>
      count > 0 ? [`${count} still waiting: ${what}`] : []
    )
  ]
}

function orderAtRest({ id, state, refunds }: Order) {
  const open = refunds.filter(({ done, refused }) => !done && !refused)
  return [
    ...(AT_REST.includes(state) ? [] : [`${id} is still ${state}`]),
    ...(open.length > 0 ? [`${id} has refunds that are not done`] : [])
  ]
}
