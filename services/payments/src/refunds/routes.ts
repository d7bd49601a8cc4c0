import { operations, withETagNoStore } from '@bulkhead/chassis/http'
import type { Dependencies } from '../payments/settlement.ts'
import { toPayment } from '../payments/store.ts'
import { putRefund } from './operations.ts'
import { refund } from './refund.ts'

export function refundRoutes(dependencies: Dependencies) {
  return operations().handle(putRefund, async ({ params, body, context }) => {
    const wanted = { id: params.refundId, amount: body.amount }
    return withETagNoStore(200, toPayment(await refund(params.orderId, wanted, dependencies, context)))
  }).router
}
