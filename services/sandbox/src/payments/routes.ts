import { orNotFound } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import type { Authorise } from './authorisation.ts'
import { authenticate, capture, refund, type StoredPayment, toPayment, voidAuthorisation } from './lifecycle.ts'
import {
  authenticatePayment,
  capturePayment,
  createPayment,
  getPayment,
  listPayments,
  refundPayment,
  voidPayment
} from './operations.ts'
import type { Payments } from './store.ts'

export function paymentRoutes(payments: Payments, authorise: Authorise) {
  const ok = (payment: StoredPayment) => ({ status: 200 as const, body: toPayment(payment) })

  return operations()
    .handle(createPayment, async ({ body, requestKey }) => ({
      status: 201,
      body: toPayment(await authorise(body, requestKey!.withInput(body)))
    }))
    .handle(getPayment, async ({ params }) => ok(orNotFound(await payments.byId(params.id))))
    .handle(listPayments, async ({ query: { reference, changedSince, limit, cursor } }) => {
      const since = changedSince && new Date(changedSince).toISOString()
      const page = await payments.list({ reference, since, limit, cursor })
      return { status: 200, body: { ...page, items: page.items.map(toPayment) } }
    })
    .handle(capturePayment, async ({ params, body }) => ok(await payments.change(params.id, capture(body.amount))))
    .handle(voidPayment, async ({ params }) => ok(await payments.change(params.id, voidAuthorisation)))
    .handle(refundPayment, async ({ params, body, requestKey }) =>
      ok(await payments.change(params.id, refund(body, requestKey!.withInput({ ...params, ...body }))))
    )
    .handle(authenticatePayment, async ({ params, body }) => {
      const { id, state } = await payments.change(params.id, authenticate(body.approve))
      return { status: 200, body: { id, state } }
    }).router
}
