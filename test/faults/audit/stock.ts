import { type Books, hasSameLines, isDelivered, type Order, sum } from './books.ts'

/** Checks that exactly the pieces of a paid order have left the stock, and no pieces of other orders. */
export function reservationOf(order: Order, reservation: Books['reservations'][0] | undefined): string[] {
  const { id, state } = order
  const is = reservation?.state ?? 'missing'
  // The only paid orders without stock are those that were paid back because they were out of stock.
  const expected = isDelivered(order) ? ['committed'] : ['released', 'rejected']
  if (!expected.includes(is)) return [`${id} is ${state} and its reservation is ${is}`]
  return is !== 'committed' || hasSameLines(reservation!.lines, order.lines) ? [] : [`${id} reserved other lines`]
}

/** Checks that the stock on hand equals the pieces that were put into stock, minus the pieces that the orders sold. */
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
