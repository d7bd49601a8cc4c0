import { type Books, hasSameLines, isDelivered, type Order, sum } from './books.ts'

/** The stock of an order has left where it was paid, all of it and nothing else, and nowhere else. */
export function reservationOf(order: Order, reservation: Books['reservations'][0] | undefined): string[] {
  const { id, state } = order
  const is = reservation?.state ?? 'not there'
  // What was paid back since its stock was gone has none, and is the only one that may be paid without.
  const expected = isDelivered(order) ? ['committed'] : ['released', 'rejected']
  if (!expected.includes(is)) return [`${id} is ${state} and its reservation ${is}`]
  return is !== 'committed' || hasSameLines(reservation!.lines, order.lines) ? [] : [`${id} reserved other lines`]
}

/** What is on hand is what was shelved, without what the orders themselves say was sold. */
export function stockOf({ stock, orders, shelved }: Books): string[] {
  const sold = orders.filter(isDelivered).flatMap(({ lines }) => lines)
  return stock.flatMap(({ sku, available, onHand, held }) => {
    const left = sum(sold.filter(line => line.sku === sku).map(({ quantity }) => quantity))
    return [
      ...(onHand === (shelved[sku] ?? 0) - left
        ? []
        : [`${sku} has ${onHand} on hand: ${shelved[sku]} were shelved and ${left} sold`]),
      ...(held === 0 && available === onHand ? [] : [`${sku} has ${held} held, though every order is over`]),
      ...(available < 0 ? [`${sku} is below zero`] : [])
    ]
  })
}
