import { orNotFound } from '@bulkhead/chassis/core'
import { operations, withETagNoStore } from '@bulkhead/chassis/http'
import { authorise } from './authorisation.ts'
import { capture } from './capture.ts'
import { capturePayment, getPayment, listPayments, putPayment, voidPayment } from './operations.ts'
import { paymentIdOf } from './schemas.ts'
import type { Dependencies } from './settlement.ts'
import { type PaymentRecord, toPayment } from './store.ts'
import { voidForGood } from './void.ts'

export function paymentRoutes(dependencies: Dependencies) {
  const { payments } = dependencies
  const answer = (record: PaymentRecord) => withETagNoStore(200, toPayment(record))
  return operations()
    .handle(putPayment, async ({ params, body, context }) =>
      answer(await authorise(params.orderId, body.method, dependencies, context))
    )
    .handle(capturePayment, async ({ params, body, context }) =>
      answer(await capture(params.orderId, body.amount, dependencies, context))
    )
    .handle(voidPayment, async ({ params, context }) =>
      answer(await voidForGood(params.orderId, dependencies, context))
    )
    .handle(getPayment, async ({ params }) => answer(orNotFound(await payments.byId(paymentIdOf(params.orderId)))))
    .handle(listPayments, async ({ query: { state, limit, cursor } }) => {
      const page = await payments.page(state, limit, cursor)
      return { status: 200, body: { ...page, items: page.items.map(toPayment) } }
    }).router
}
