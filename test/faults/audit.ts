/*
 * What must be true of all books once every order has come to its end. Each book is read from outside, by its service's API; nothing
 * here knows how a service works.
 */

type Money = { amount: number; currency: string }

/** What a client was told: the order of its key, and what it is to cost. */
export type Acknowledged = { id: string; key: string; email: string; total: Money }

export type Books = {
  acknowledged: Acknowledged[]
  orders: {
    id: string
    state: string
    email: string
    total: Money
    lines: { sku: string; quantity: number }[]
    refunds: { id: string; amount: Money; done: boolean }[]
    history: { state: string }[]
  }[]
  reservations: { orderId: string; state: string; lines: { sku: string; quantity: number }[] }[]
  stock: { sku: string; available: number; onHand: number; held: number }[]
  /** What was put on the shelf, by SKU. */
  shelved: Record<string, number>
  payments: { id: string; orderId: string; state: string; amount?: Money; captured: number; refunded: number }[]
  journal: {
    id: string
    paymentId: string
    kind: string
    currency: string
    legs: { account: string; amount: number }[]
  }[]
  provider: {
    id: string
    reference: string
    state: string
    amount: Money
    captured: number
    refunds: { reference: string; amount: number }[]
  }[]
  /** Events that could not be handled, by service. */
  deadLetters: Record<string, number>
}

/** The ends of an order, and `captured`, in which it may rest. */
const AT_REST = ['captured', 'refunded', 'rejected', 'declined', 'cancelled', 'expired']

/** Everything that is wrong in the books, a line each; none where all is well. */
export function audit(books: Books): string[] {
  const reservations = new Map(books.reservations.map(each => [each.orderId, each]))
  const payments = new Map(books.payments.map(each => [each.orderId, each]))
  const byReference = Map.groupBy(books.provider, ({ reference }) => reference)
  const orders = new Map(books.orders.map(each => [each.id, each]))

  return [
    ...acknowledgedOrders(books, orders),
    ...books.orders.flatMap(order => orderAtRest(order)),
    ...books.orders.flatMap(order => moneyOf(order, payments.get(order.id), byReference)),
    ...books.orders.flatMap(order => reservationOf(order, reservations.get(order.id))),
    ...books.payments.flatMap(payment => (orders.has(payment.orderId) ? [] : [`${payment.id} is of no order`])),
    ...books.reservations.flatMap(({ orderId, state }) =>
      orders.has(orderId) || state === 'released' ? [] : [`the reservation of ${orderId} is of no order`]
    ),
    ...books.provider.flatMap(({ id, reference }) =>
      books.payments.some(payment => payment.id === reference) ? [] : [`the provider's ${id} is of no payment`]
    ),
    ...books.stock.flatMap(stock => stockOf(stock, books)),
    ...journalOf(books),
    ...Object.entries(books.deadLetters).flatMap(([service, count]) =>
      count > 0 ? [`${service} has ${count} dead letters`] : []
    )
  ]
}

function acknowledgedOrders({ acknowledged, orders: all }: Books, orders: Map<string, Books['orders'][0]>) {
  const lost = acknowledged.flatMap(({ id, key, total }) => {
    const order = orders.get(id)
    if (!order) return [`${id} was acknowledged to ${key} and is not there`]
    return same(order.total, total) ? [] : [`${id} is ${text(order.total)} and was acknowledged at ${text(total)}`]
  })
  // Each client orders once, whatever it had to repeat.
  const twice = [...Map.groupBy(all, ({ email }) => email)].flatMap(([email, orders]) =>
    orders.length > 1 ? [`${email} ordered once and has ${orders.map(({ id }) => id).join(', ')}`] : []
  )
  return [...lost, ...twice]
}

function orderAtRest({ id, state, refunds }: Books['orders'][0]) {
  const open = refunds.filter(({ done }) => !done)
  return [
    ...(AT_REST.includes(state) ? [] : [`${id} is still ${state}`]),
    ...(open.length > 0 ? [`${id} has refunds that are not done`] : [])
  ]
}

function moneyOf(
  order: Books['orders'][0],
  payment: Books['payments'][0] | undefined,
  remote: Map<string, Books['provider']>
) {
  const { id, total } = order
  const isPaid = wasPaid(order)
  const atProvider = remote.get(payment?.id ?? '') ?? []
  const charged = atProvider.filter(({ captured }) => captured > 0)
  const back = sum(order.refunds.filter(({ done }) => done).map(({ amount }) => amount.amount))
  const findings: string[] = []
  const must = (isTrue: boolean, finding: string) => void (isTrue || findings.push(`${id} ${finding}`))
  must(charged.length === (isPaid ? 1 : 0), `is ${order.state} and was charged ${charged.length} times`)
  for (const each of charged) {
    must(
      each.captured === total.amount && each.amount.currency === total.currency,
      `costs ${text(total)} and was charged ${each.captured} ${each.amount.currency}`
    )
    must(
      sum(each.refunds.map(({ amount }) => amount)) === back,
      `was refunded ${back} and the provider paid back another sum`
    )
  }
  for (const each of atProvider)
    must(!['authorised', 'pending'].includes(each.state), `is over and still ${each.state} at the provider`)
  must(
    (payment?.captured ?? 0) === (isPaid ? total.amount : 0),
    `has ${payment?.captured ?? 0} captured in the book of payments`
  )
  must(
    (payment?.refunded ?? 0) === back,
    `has ${payment?.refunded ?? 0} refunded in the book of payments, and ${back} in its own`
  )
  must(
    !['authorising', 'pending', 'authorised'].includes(payment?.state ?? ''),
    `is over and its payment ${payment?.state}`
  )
  if (order.state === 'refunded') must(back === total.amount, `is refunded, but only ${back} of ${text(total)}`)
  return findings
}

function reservationOf(order: Books['orders'][0], reservation: Books['reservations'][0] | undefined) {
  const { id, state } = order
  const is = reservation?.state ?? 'not there'
  // What was paid back since its stock was gone is not in it.
  if (state === 'refunded' && is !== 'held') return []
  const expected = wasPaid(order) ? ['committed'] : ['released', 'rejected']
  return expected.includes(is) ? [] : [`${id} is ${state} and its reservation ${is}`]
}

function stockOf({ sku, available, onHand, held }: Books['stock'][0], { reservations, shelved }: Books) {
  const left = reservations.filter(({ state }) => state === 'committed').flatMap(({ lines }) => lines)
  const sold = sum(left.filter(line => line.sku === sku).map(({ quantity }) => quantity))
  const expected = (shelved[sku] ?? 0) - sold
  return [
    ...(onHand === expected ? [] : [`${sku} has ${onHand} on hand: ${shelved[sku]} were shelved and ${sold} sold`]),
    ...(held === 0 && available === onHand ? [] : [`${sku} has ${held} held, though every order is over`]),
    ...(available < 0 ? [`${sku} is below zero`] : [])
  ]
}

function journalOf({ journal, payments }: Books) {
  const unbalanced = journal.flatMap(({ id, legs }) =>
    sum(legs.map(({ amount }) => amount)) === 0 ? [] : [`${id} does not balance`]
  )
  const moved = Map.groupBy(journal, ({ paymentId, kind }) => `${paymentId} ${kind}`)
  const movedOf = (id: string, kind: string) =>
    sum((moved.get(`${id} ${kind}`) ?? []).map(({ legs }) => Math.abs(legs[0]!.amount)))
  const differing = payments.flatMap(({ id, captured, refunded }) => [
    ...(movedOf(id, 'capture') === captured
      ? []
      : [`${id} captured ${captured}, its journal ${movedOf(id, 'capture')}`]),
    ...(movedOf(id, 'refund') === refunded ? [] : [`${id} refunded ${refunded}, its journal ${movedOf(id, 'refund')}`])
  ])
  return [...unbalanced, ...differing]
}

const wasPaid = ({ history }: Books['orders'][0]) => history.some(({ state }) => state === 'captured')
const same = (one: Money, other: Money) => one.amount === other.amount && one.currency === other.currency
const text = ({ amount, currency }: Money) => `${amount} ${currency}`
const sum = (numbers: number[]) => numbers.reduce((one, other) => one + other, 0)
