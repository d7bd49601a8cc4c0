import { operation, page, paging } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { capture, card, newPayment, newRefund, payment, paymentId, paymentMethod, webhookBehaviour } from './schemas.ts'

const one = z.object({ id: paymentId })
const thePayment = { 200: { description: 'The payment', body: payment } }
const MERCHANT = ['service:payments'] as ['service:payments']

/** Takes a card and keeps what it does, never its number. 422 for one with a wrong check digit or that is expired. */
export const createPaymentMethod = operation({
  id: 'createPaymentMethod',
  method: 'post',
  path: '/payment-methods',
  summary: 'Make a payment method of a test card',
  callers: ['public'],
  body: card,
  example: { number: '4242424242424242', expiry: { month: 12, year: 2034 }, cvc: '123' },
  answers: { 201: { description: 'The payment method', body: paymentMethod } }
})

/** What is left of a card, for whoever knows its ID, which nobody can guess. */
export const getPaymentMethod = operation({
  id: 'getPaymentMethod',
  method: 'get',
  path: '/payment-methods/{id}',
  summary: 'A payment method',
  callers: ['public'],
  params: paymentMethod.pick({ id: true }),
  answers: { 200: { description: 'The payment method', body: paymentMethod } }
})

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
  params: one,
  answers: thePayment
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
  params: one,
  body: capture,
  answers: thePayment
})

/** Lets an authorisation go; again it changes nothing. 409 once captured. */
export const voidPayment = operation({
  id: 'voidPayment',
  method: 'post',
  path: '/payments/{id}/void',
  summary: 'Let an authorisation go',
  callers: MERCHANT,
  params: one,
  answers: thePayment
})

/** Gives a part back. Needs an `Idempotency-Key`. 422 where all refunds would be above what was captured. */
export const refundPayment = operation({
  id: 'refundPayment',
  method: 'post',
  path: '/payments/{id}/refunds',
  summary: 'Give back all or a part',
  callers: MERCHANT,
  params: one,
  body: newRefund,
  keyed: 'required',
  answers: thePayment
})

/** What the customer does at the page of the bank. Once the payment is not pending any more, it changes nothing. */
export const authenticatePayment = operation({
  id: 'authenticatePayment',
  method: 'post',
  path: '/payments/{id}/authenticate',
  summary: 'Approve or refuse a pending payment, as its customer',
  callers: ['public'],
  params: one,
  body: z.object({ approve: z.boolean() }),
  answers: { 200: { description: 'What became of it', body: payment.pick({ id: true, state: true }) } }
})

export const getWebhookBehaviour = operation({
  id: 'getWebhookBehaviour',
  method: 'get',
  path: '/webhook-behaviour',
  summary: 'How webhooks are delivered',
  callers: ['staff'],
  answers: { 200: { description: 'The behaviour', body: webhookBehaviour } }
})

/** For the webhooks of all changes from now on. */
export const setWebhookBehaviour = operation({
  id: 'setWebhookBehaviour',
  method: 'put',
  path: '/webhook-behaviour',
  summary: 'Have webhooks late, doubled, out of order or lost',
  callers: ['staff'],
  body: webhookBehaviour,
  answers: { 200: { description: 'The behaviour', body: webhookBehaviour } }
})

export const allOperations = [
  createPaymentMethod,
  getPaymentMethod,
  createPayment,
  getPayment,
  listPayments,
  capturePayment,
  voidPayment,
  refundPayment,
  authenticatePayment,
  getWebhookBehaviour,
  setWebhookBehaviour
]
