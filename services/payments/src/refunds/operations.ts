import { operation } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { orderId, payment } from '../payments/schemas.ts'
import { newRefund, refundId } from './schemas.ts'

/**
 * Refunds once for each ID. Returns 422 if all refunds together exceed the captured amount, and 409 for a known ID with a different amount.
 */
export const putRefund = operation({
  id: 'putRefund',
  method: 'put',
  path: '/payments/{orderId}/refunds/{refundId}',
  summary: 'Refund all or a part of a payment',
  callers: ['service:orders'],
  params: z.object({ orderId, refundId }),
  body: newRefund,
  answers: { 200: { description: 'The payment', body: payment } }
})
