import { type Context, conflict, orNotFound, Problem } from '@bulkhead/chassis/core'
import { providerContext } from '../providers/provider.ts'
import { isCaptured, paymentIdOf } from './schemas.ts'
import { type Dependencies, readIfRefused, settle } from './settlement.ts'
import type { PaymentRecord } from './store.ts'

/**
 * Captures once; the whole authorised amount if `wanted` is undefined. If a void comes at the same time, the provider decides between the
 * two. Throws a 503 if the provider does not answer.
 */
export async function capture(
  orderId: string,
  wanted: number | undefined,
  dependencies: Dependencies,
  context: Context
): Promise<PaymentRecord> {
  const { payments, provider, clock } = dependencies
  const record = orNotFound(await payments.byId(paymentIdOf(orderId)))
  const amount = wanted ?? record.amount?.amount ?? 0
  if (isCaptured(record.state)) return ensureSameAmount(record, amount)
  if (record.state !== 'authorised') throw wrongState(record)
  if (amount > record.amount!.amount) throw aboveAuthorisation()
  const calling = providerContext(context, clock)
  const remote = await readIfRefused(provider.capture(record, amount, calling), record, dependencies, calling)
  const after = await settle(record, remote, 'answer', dependencies, context)
  if (!isCaptured(after.state)) throw wrongState(after)
  return ensureSameAmount(after, amount)
}

function ensureSameAmount(record: PaymentRecord, amount: number) {
  if (record.captured !== amount) throw conflict('capture-differs', 'Another amount was captured')
  return record
}

const wrongState = ({ state }: PaymentRecord) => conflict(`payment-${state}`, `The payment is ${state}`)

const aboveAuthorisation = () =>
  new Problem(422, 'above-authorisation', 'More than is authorised', {
    errors: [{ pointer: '/body/amount', detail: 'More than is authorised' }]
  })
