import { operation, pageQuery, pageSchema } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { newCapture, newPayment, newRefund, payment, paymentId } from './schemas.ts'

const idParams = z.object({ id: paymentId })
const paymentAnswer = { 200: { description: 'The payment', body: payment } }

/** Authorises an amount. Needs an `Idempotency-Key`. Returns 422 for an unknown payment method. */
export const createPayment = operation({
  id: 'createPayment',
  method: 'post',
  path: '/payments',
  summary: 'Authorise an amount',
  callers: ['service:payments'],
  body: newPayment,
  keyed: 'required',
  answers: { 201: { description: 'The payment: pending, authorised or declined', body: payment } }
})

export const getPayment = operation({
  id: 'getPayment',
  method: 'get',
  path: '/payments/{id}',
  summary: 'Get a payment',
  callers: ['service:payments', 'staff'],
  params: idParams,
  answers: paymentAnswer
})

/** Lists payments in the order of their last change. A caller that passes the last `changedAt` as `changedSince` misses no change. */
export const listPayments = operation({
  id: 'listPayments',
  method: 'get',
  path: '/payments',
  summary: 'List payments in the order of their last change',
  callers: ['service:payments', 'staff'],
  query: z.object({
    reference: z.string().max(64).optional(),
    changedSince: z.iso.datetime({ offset: true }).optional(),
    ...pageQuery
  }),
  answers: { 200: { description: 'A page of payments', body: pageSchema(payment) } }
})

/**
 * Captures once: a repeated request for the same amount changes nothing. Returns 422 above the authorised amount, and 409 unless the
 * payment is authorised.
 */
export const capturePayment = operation({
  id: 'capturePayment',
  method: 'post',
  path: '/payments/{id}/capture',
  summary: 'Capture the authorised amount or a part of it',
  callers: ['service:payments'],
  params: idParams,
  body: newCapture,
  answers: paymentAnswer
})

/** Voids once: a repeated request changes nothing. Returns 409 for a captured or declined payment. */
export const voidPayment = operation({
  id: 'voidPayment',
  method: 'post',
  path: '/payments/{id}/void',
  summary: 'Void an authorisation',
  callers: ['service:payments'],
  params: idParams,
  answers: paymentAnswer
})

/** Refunds once for each `Idempotency-Key`, which is required. Returns 422 if all refunds together exceed the captured amount. */
export const refundPayment = operation({
  id: 'refundPayment',
  method: 'post',
  path: '/payments/{id}/refunds',
  summary: 'Refund the captured amount or a part of it',
  callers: ['service:payments'],
  params: idParams,
  body: newRefund,
  keyed: 'required',
  answers: paymentAnswer
})

/** Replaces the page of the customer's bank. Changes only a pending payment. Returns the payment's ID and its state. */
export const authenticatePayment = operation({
  id: 'authenticatePayment',
  method: 'post',
  path: '/payments/{id}/authenticate',
  summary: 'Approve or refuse a pending payment, as the customer',
  callers: ['public'],
  params: idParams,
  body: z.object({ approve: z.boolean() }),
  answers: { 200: { description: 'The state of the payment', body: payment.pick({ id: true, state: true }) } }
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
