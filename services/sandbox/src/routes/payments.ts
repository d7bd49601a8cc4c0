import { setTimeout } from 'node:timers/promises'
import { type Clock, found, newSecretId, Problem } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import {
  authenticatePayment,
  capturePayment,
  createPayment,
  getPayment,
  listPayments,
  refundPayment,
  voidPayment
} from '../operations.ts'
import { authenticate, begin, giveBack, letGo, type StoredPayment, shownPayment, take } from '../payment.ts'
import type { Store } from '../store.ts'

/** `slowMs`: after how long the slow card is answered. */
export type PaymentDeps = { store: Store; clock: Clock; slowMs: number }

export function paymentRoutes({ store, clock, slowMs }: PaymentDeps) {
  const shown = (payment: StoredPayment) => ({ status: 200 as const, body: shownPayment(payment) })

  return operations()
    .handle(createPayment, async ({ body, requestKey }) => {
      const madeBy = requestKey!.of(body)
      const method = await store.methodById(body.method)
      if (!method) throw unknownMethod()
      if (method.behaviour === 'error') await store.fail(madeBy)
      const { reference, amount } = body
      const asked = { id: newSecretId('sbx'), reference, amount, at: clock.now().toISOString() }
      const payment = await store.insert(begin(method.behaviour, asked), madeBy)
      // It is made before: who does not wait for the answer has it all the same.
      if (method.behaviour === 'slow') await setTimeout(Date.parse(payment.createdAt) + slowMs - clock.now().getTime())
      return { status: 201, body: shownPayment(payment) }
    })
    .handle(getPayment, async ({ params }) => shown(found(await store.byId(params.id))))
    .handle(listPayments, async ({ query: { reference, changedSince, limit, cursor } }) => {
      const since = changedSince && new Date(changedSince).toISOString()
      const page = await store.list({ reference, since, limit, cursor })
      return { status: 200, body: { ...page, items: page.items.map(shownPayment) } }
    })
    .handle(capturePayment, async ({ params, body }) => shown(await store.change(params.id, take(body.amount))))
    .handle(voidPayment, async ({ params }) => shown(await store.change(params.id, letGo)))
    .handle(refundPayment, async ({ params, body, requestKey }) =>
      shown(await store.change(params.id, giveBack(body, requestKey!.of({ ...params, ...body }))))
    )
    .handle(authenticatePayment, async ({ params, body }) => {
      const { id, state } = await store.change(params.id, authenticate(body.approve))
      return { status: 200, body: { id, state } }
    }).router
}

const unknownMethod = () =>
  new Problem(422, 'unknown-payment-method', 'There is no such payment method', {
    errors: [{ pointer: '/body/method', detail: 'It is not known, or was made more than a day ago' }]
  })
