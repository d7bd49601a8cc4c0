import { operation, page, paging } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { newCapture, newPayment, newRefund, payment, paymentId } from './schemas.ts'

const idParams = z.object({ id: paymentId })
const paymentAnswer = { 200: { description: 'The payment', body: payment } }
const MERCHANT = ['service:payments'] as ['service:payments']

/** Authorises an amount. Needs an `Idempotency-Key`. 422 for a payment method that is not known. */
export const createPayment = operation({
  id: 'createPayment',
  method: 'post',
  path: '/payments',
  summary: 'Authorise an amount',
  callers: MERCHANT,
  body: newPayment,
  keyed: 'required',
  answers: { 201: { description: 'The payment: pending, authorised or declined', body: payment } }
})

export const getPayment = operation({
  id: 'getPayment',
  method: 'get',
  path: '/payments/{id}',
  summary: 'A payment as it is now',
  callers: [...MERCHANT, 'staff'],
  params: idParams,
  answers: paymentAnswer
})

/** In the order of their last change, so that a reader who keeps the last `changedAt` misses none. */
export const listPayments = operation({
  id: 'listPayments',
  method: 'get',
  path: '/payments',
  summary: 'Payments page by page, in the order of their last change',
  callers: [...MERCHANT, 'staff'],
  query: z.object({
    reference: z.string().max(64).optional(),
    changedSince: z.iso.datetime({ offset: true }).optional(),
    ...paging
  }),
  answers: { 200: { description: 'A page', body: page(payment) } }
})

/** Takes the money, once: again with the same amount changes nothing. 422 above what is authorised, 409 in any other state. */
export const capturePayment = operation({
  id: 'capturePayment',
  method: 'post',
  path: '/payments/{id}/capture',
  summary: 'Take what is authorised, or a part',
  callers: MERCHANT,
  params: idParams,
  body: newCapture,
  answers: paymentAnswer
})

/** Lets an authorisation go; again it changes nothing. 409 once captured. */
export const voidPayment = operation({
  id: 'voidPayment',
  method: 'post',
  path: '/payments/{id}/void',
  summary: 'Let an authorisation go',
  callers: MERCHANT,
  params: idParams,
  answers: paymentAnswer
})

/** Gives a part back. Needs an `Idempotency-Key`. 422 where all refunds would be above what was captured. */
export const refundPayment = operation({
  id: 'refundPayment',
  method: 'post',
  path: '/payments/{id}/refunds',
  summary: 'Give back all or a part',
  callers: MERCHANT,
  params: idParams,
  body: newRefund,
  keyed: 'required',
  answers: paymentAnswer
})

/** What the customer does at the page of the bank. Once the payment is not pending any more, it changes nothing. */
export const authenticatePayment = operation({
  id: 'authenticatePayment',
  method: 'post',
  path: '/payments/{id}/authenticate',
  summary: 'Approve or refuse a pending payment, as its customer',
  callers: ['public'],
  params: idParams,
  body: z.object({ approve: z.boolean() }),
  answers: { 200: { description: 'What became of it', body: payment.pick({ id: true, state: true }) } }
})

export const paymentOperations = [
  createPayment,
  getPayment,
  listPayments,
  capturePayment,
  voidPayment,
  refundPayment,
  authenticatePayment
]
