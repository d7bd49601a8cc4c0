import { found } from '@bulkhead/chassis/core'
import { operations, shownToOne } from '@bulkhead/chassis/http'
import { pageOf } from '@bulkhead/chassis/mongo'
import { refund } from '../refunds/refund.ts'
import { type AuthorisingGround, authorise } from './authorisation.ts'
import { capture } from './capture.ts'
import { type Book, paymentIdOf, shownPayment } from './document.ts'
import {
  capturePayment,
  getPayment,
  listPayments,
  putPayment,
  putRefund,
  voidPayment as voidOperation
} from './operations.ts'
import { voidPayment } from './void.ts'

export function paymentRoutes(ground: AuthorisingGround) {
  const { payments } = ground.store
  const shown = (book: Book) => shownToOne(200, shownPayment(book))
  return operations()
    .handle(putPayment, async ({ params, body, context }) =>
      shown(await authorise(params.orderId, body.method, ground, context))
    )
    .handle(capturePayment, async ({ params, body, context }) =>
      shown(await capture(params.orderId, body.amount, ground, context))
    )
    .handle(voidOperation, async ({ params, context }) => shown(await voidPayment(params.orderId, ground, context)))
    .handle(putRefund, async ({ params, body, context }) =>
      shown(await refund(params.orderId, { id: params.refundId, amount: body.amount }, ground, context))
    )
    .handle(getPayment, async ({ params }) => shown(found(await payments.byId(paymentIdOf(params.orderId)))))
    .handle(listPayments, async ({ query: { state, limit, cursor } }) => {
      const filter = state ? { state } : {}
      const sort = { field: '_id', direction: 1 } as const
      const page = await pageOf(payments, { filter, limit, cursor, sort, scope: { payments: filter } })
      return { status: 200, body: { ...page, items: page.items.map(shownPayment) } }
    }).router
}
