import { type Acknowledged, type Books, hasSameLines, isStockGone, type Money, type Order, text } from './books.ts'

/** Compares the answers that clients got with the books. Returns a line for each mistake. */
export function answered({ acknowledged, orders: all, provider }: Books, orders: Map<string, Order>): string[] {
  const repaid = new Map(provider.flatMap(({ refunds }) => refunds).map(each => [each.reference, each.amount]))
  // Each client places one order, even if it repeats the request.
  const twice = [...Map.groupBy(all, ({ email }) => email)].flatMap(([email, orders]) =>
    orders.length > 1 ? [`${email} ordered once and has ${orders.map(({ id }) => id).join(', ')}`] : []
  )
  return [...acknowledged.flatMap(told => answeredOf(told, orders.get(told.id), repaid)), ...twice]
}

function answeredOf(told: Acknowledged, order: Order | undefined, repaid: Map<string, number>): string[] {
  const { id, key, total, lines } = told
  if (!order) return [`${id} was acknowledged to ${key} and is missing`]
  return [
    ...(same(order.total, total) ? [] : [`${id} costs ${text(order.total)} and was acknowledged with ${text(total)}`]),
    ...(hasSameLines(order.lines, lines) ? [] : [`${id} has other lines than were acknowledged`]),
    ...cancellation(told, order),
    ...refund(told, order, repaid)
  ]
}

/** Checks that a buyer with a 200 for a cancellation has a cancelled order, and that a buyer with a 409 has not. */
function cancellation({ id, cancelled: status }: Acknowledged, { state }: Order) {
  if (status === undefined) return []
  if (status !== 200 && status !== 409) return [`${id}: its cancellation was answered ${status}`]
  const is = state === 'cancelled'
  return (status === 200) === is ? [] : [`${id}: its cancellation was answered ${status}, and it is ${state}`]
}

/**
 * Checks that a client with a promised refund gets it exactly once, unless the order says that the refund was refused. A 412 may be the
 * answer to a repeated request.
 */
function refund({ id, refunded: told }: Acknowledged, order: Order, repaid: Map<string, number>) {
  const asked = order.refunds.filter(({ reason }) => !isStockGone({ reason }))
  const tooMany = asked.length > (told ? 1 : 0) ? [`${id} has ${asked.length} requested refunds`] : []
  if (!told || told.status === 409 || told.status === 412) return tooMany
  if (told.status !== 200) return [...tooMany, `${id}: its refund was answered ${told.status}`]
  const made = asked.find(refund => refund.id === told.id)
  const isPaid = made?.done && made.amount.amount === told.amount && repaid.get(made.id) === told.amount
  const isRefused = made?.refused && !repaid.has(made.id)
  return isPaid || isRefused
    ? tooMany
    : [...tooMany, `${id} was promised a refund of ${told.amount} and did not get it`]
}

const same = (one: Money, other: Money) => one.amount === other.amount && one.currency === other.currency
