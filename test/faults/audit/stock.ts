import { type Books, hasSameLines, isDelivered, type Order, sum } from './books.ts'

/** The stock of a paid order has left, exactly its lines. No other stock has left. */
export function reservationOf(order: Order, reservation: Books['reservations'][0] | undefined): string[] {
  const { id, state } = order
  const is = reservation?.state ?? 'missing'
  // An order that was paid back because its stock was gone has no stock. It is the only kind of paid order without.
  const expected = isDelivered(order) ? ['committed'] : ['released', 'rejected']
  if (!expected.includes(is)) return [`${id} is ${state} and its reservation is ${is}`]
  return is !== 'committed' || hasSameLines(reservation!.lines, order.lines) ? [] : [`${id} reserved other lines`]
}

/** The stock on hand is what was put into stock, less what the orders say was sold. */
export function stockOf({ stock, orders, shelved }: Books): string[] {
  const sold = orders.filter(isDelivered).flatMap(({ lines }) => lines)
  return stock.flatMap(({ sku, available, onHand, held }) => {
    const left = sum(sold.filter(line => line.sku === sku).map(({ quantity }) => quantity))
    return [
      ...(onHand === (shelved[sku] ?? 0) - left
        ? []
        : [`${sku} has ${onHand} on hand: ${shelved[sku]} were added and ${left} sold`]),
      ...(held === 0 && available === onHand ? [] : [`${sku} has ${held} held, although every order is finished`]),
      ...(available < 0 ? [`${sku} is below zero`] : [])
    ]
  })
}
