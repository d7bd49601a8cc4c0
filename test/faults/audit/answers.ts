import { type Acknowledged, type Books, hasSameLines, isStockGone, type Money, type Order, text } from './books.ts'

/** What clients were told, held against the books. */
export function answered({ acknowledged, orders: all, provider }: Books, orders: Map<string, Order>): string[] {
  const repaid = new Map(provider.flatMap(({ refunds }) => refunds).map(each => [each.reference, each.amount]))
  // Each client orders once, whatever it had to repeat.
  const twice = [...Map.groupBy(all, ({ email }) => email)].flatMap(([email, orders]) =>
    orders.length > 1 ? [`${email} ordered once and has ${orders.map(({ id }) => id).join(', ')}`] : []
  )
  return [...acknowledged.flatMap(told => answeredOf(told, orders.get(told.id), repaid)), ...twice]
}

function answeredOf(told: Acknowledged, order: Order | undefined, repaid: Map<string, number>): string[] {
  const { id, key, total, lines } = told
  if (!order) return [`${id} was acknowledged to ${key} and is not there`]
  return [
    ...(same(order.total, total) ? [] : [`${id} is ${text(order.total)} and was acknowledged at ${text(total)}`]),
    ...(hasSameLines(order.lines, lines) ? [] : [`${id} has other lines than were acknowledged`]),
    ...cancellation(told, order),
    ...refund(told, order, repaid)
  ]
}

/** Who is told that an order is cancelled is not charged, and who is told that it can't be gets it. */
function cancellation({ id, cancelled: status }: Acknowledged, { state }: Order) {
  if (status === undefined) return []
  if (status !== 200 && status !== 409) return [`${id} was to be cancelled, and that was answered ${status}`]
  const is = state === 'cancelled'
  return (status === 200) === is ? [] : [`${id} was to be cancelled, that was answered ${status}, and it is ${state}`]
}

/** Who is told of a refund gets it, once, unless the order says that it was refused for good. A 412 may be the answer to a repetition. */
function refund({ id, refunded: told }: Acknowledged, order: Order, repaid: Map<string, number>) {
  const asked = order.refunds.filter(({ reason }) => !isStockGone({ reason }))
  const tooMany = asked.length > (told ? 1 : 0) ? [`${id} has ${asked.length} refunds that were asked for`] : []
  if (!told || told.status === 409 || told.status === 412) return tooMany
  if (told.status !== 200) return [...tooMany, `${id} was to be refunded, and that was answered ${told.status}`]
  const made = asked.find(refund => refund.id === told.id)
  const isPaid = made?.done && made.amount.amount === told.amount && repaid.get(made.id) === told.amount
  const isRefused = made?.refused && !repaid.has(made.id)
  return isPaid || isRefused
    ? tooMany
    : [...tooMany, `${id} was promised a refund of ${told.amount} and did not get it`]
}

const same = (one: Money, other: Money) => one.amount === other.amount && one.currency === other.currency
