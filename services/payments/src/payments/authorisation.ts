import { orWithout } from '@bulkhead/chassis/client'
import { type Context, conflict } from '@bulkhead/chassis/core'
import { isDuplicateKey } from '@bulkhead/chassis/mongo'
import type { Orders } from '../clients/orders.ts'
import { PROVIDER_MS } from '../providers/deadline.ts'
import { type Book, paymentIdOf } from './document.ts'
import { type Ground, settle } from './settlement.ts'

export type AuthorisingGround = Ground & { orders: Pick<Orders, 'getCharge'> }

/** Milliseconds after which reconciliation looks for what became of an authorisation. */
const LOOK_AFTER_MS = 15_000

/**
 * Authorises the charge of an order once, or goes on where an earlier attempt ended. Answers the payment as the book has it when the
 * provider can't be asked.
 */
export async function authorise(
  orderId: string,
  method: string,
  ground: AuthorisingGround,
  context: Context
): Promise<Book> {
  const { provider, clock } = ground
  const book = await begin(orderId, method, ground, context)
  const { id, state, amount } = book
  // What was voided before it was asked for has no method, and takes none.
  if (book.method !== undefined && book.method !== method)
    throw conflict('payment-differs', 'The payment was asked for with another payment method')
  if (state !== 'authorising' && state !== 'pending') return book
  const options = { within: PROVIDER_MS, context, clock, what: `${id} stays ${state}: the provider was not asked` }
  const settledNow = await orWithout(async asking => {
    const remote =
      state === 'pending'
        ? await provider.get(book, asking)
        : await provider.authorise({ id, amount: amount!, method }, asking)
    return remote && settle(book, remote, 'by orders', ground, asking)
  }, options)
  return settledNow ?? book
}

/**
 * Writes down what is about to be asked of the provider, so that nothing is ever asked that the book doesn't know. Returns what an earlier
 * attempt wrote where there was one: that is rare, so it is not looked for first.
 */
async function begin(orderId: string, method: string, ground: AuthorisingGround, context: Context): Promise<Book> {
  const { store, provider, orders, clock } = ground
  const { amount } = await orders.getCharge({ params: { id: orderId } }, context)
  const now = clock.now()
  const payment = {
    id: paymentIdOf(orderId),
    ...{ state: 'authorising' as const, provider: provider.name, amount, method, captured: 0, refunds: [] },
    createdAt: now,
    dueAt: new Date(now.getTime() + LOOK_AFTER_MS)
  }
  try {
    return await store.payments.insert(payment, [], context)
  } catch (error) {
    const earlier = isDuplicateKey(error) && (await store.payments.byId(payment.id))
    if (!earlier) throw error
    return earlier
  }
}
