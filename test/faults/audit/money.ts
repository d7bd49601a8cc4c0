import { type Books, type Order, sum, text, wasPaid } from './books.ts'

/** Checks that a captured order is charged once with the right amount, no other order is charged, and refunds match the provider's. */
export function moneyOf(
  order: Order,
  payment: Books['payments'][0] | undefined,
  remote: Map<string, Books['provider']>
): string[] {
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
    must(!['authorised', 'pending'].includes(each.state), `is finished and still ${each.state} at the provider`)
  must(
    (payment?.captured ?? 0) === (isPaid ? total.amount : 0),
    `has ${payment?.captured ?? 0} captured in the book of payments`
  )
  must(
    (payment?.refunded ?? 0) === back,
    `has ${payment?.refunded ?? 0} refunded in the book of payments, and ${back} in its own book`
  )
  must(
    !['authorising', 'pending', 'authorised'].includes(payment?.state ?? ''),
    `is finished and its payment is ${payment?.state}`
  )
  if (order.state === 'refunded') must(back === total.amount, `is refunded, but only ${back} of ${text(total)}`)
  return findings
}

/** Checks that each entry of the journal balances, and that each payment has all its entries. */
export function journalOf({ journal, payments }: Books): string[] {
  const unbalanced = journal.flatMap(({ id, legs }) =>
    sum(legs.map(({ amount }) => amount)) === 0 ? [] : [`${id} does not balance`]
  )
  const moved = Map.groupBy(journal, ({ paymentId, kind }) => `${paymentId} ${kind}`)
  const movedOf = (id: string, kind: string) =>
    sum((moved.get(`${id} ${kind}`) ?? []).map(({ legs }) => Math.abs(legs[0]!.amount)))
  const differing = payments.flatMap(({ id, captured, refunded }) => [
    ...(movedOf(id, 'capture') === captured
      ? []
      : [`${id} captured ${captured}, its journal has ${movedOf(id, 'capture')}`]),
    ...(movedOf(id, 'refund') === refunded
      ? []
      : [`${id} refunded ${refunded}, its journal has ${movedOf(id, 'refund')}`])
  ])
  return [...unbalanced, ...differing]
}
