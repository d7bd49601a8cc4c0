import { operation, pageQuery, pageSchema } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { newCapture, newPayment, orderId, payment, states } from './schemas.ts'

const order = z.object({ orderId })
const paymentAnswer = { 200: { description: 'The payment', body: payment } }

/**
 * Authorises the amount of the order once. A repeated request returns the current payment. The state is `authorising` if the provider did
 * not answer in time; then repeat the request. Returns 409 for a different payment method.
 */
export const putPayment = operation({
  id: 'putPayment',
  method: 'put',
  path: '/payments/{orderId}',
  summary: 'Authorise the payment of an order',
  callers: ['service:orders'],
  params: order,
  body: newPayment,
  answers: paymentAnswer
})

/** Captures once. Returns 422 above the authorised amount. Returns 409 if nothing is authorised or a different amount was captured. */
export const capturePayment = operation({
  id: 'capturePayment',
  method: 'put',
  path: '/payments/{orderId}/capture',
  summary: 'Capture the authorised amount, or a part of it',
  callers: ['service:orders'],
  params: order,
  body: newCapture,
  answers: paymentAnswer
})

/**
 * Voids a payment permanently. A payment that is not authorised yet never will be. The void is valid at once, even if the provider gets it
 * later. Returns 409 `payment-captured` after the capture.
 */
export const voidPayment = operation({
  id: 'voidPayment',
  method: 'put',
  path: '/payments/{orderId}/void',
  summary: 'Void a payment for good',
  callers: ['service:orders'],
  params: order,
  answers: paymentAnswer
})

export const getPayment = operation({
  id: 'getPayment',
  method: 'get',
  path: '/payments/{orderId}',
  summary: 'Get the payment of an order',
  callers: ['service:orders', 'staff'],
  params: order,
  answers: paymentAnswer
})

export const listPayments = operation({
  id: 'listPayments',
  method: 'get',
  path: '/payments',
  summary: 'List payments page by page, sorted by the IDs of their orders',
  callers: ['staff'],
  query: z.object({ state: z.enum(states).optional(), ...pageQuery }),
  answers: { 200: { description: 'A page', body: pageSchema(payment) } }
})

export const paymentOperations = [putPayment, capturePayment, voidPayment, getPayment, listPayments]
