import { operation, page, paging } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { balance, capture, journalEntry, newPayment, newRefund, orderId, payment, refundId, states } from './schemas.ts'

const one = z.object({ orderId })
const thePayment = { 200: { description: 'The payment', body: payment } }
const ORDERS = ['service:orders'] as ['service:orders']
/** Longer than any webhook of a provider. */
const WEBHOOK_BYTES = 256 * 1024

/**
 * Authorises what orders says that the order costs, once: again it answers the payment as it is. `authorising` where the provider did
 * not answer in time: call again. 409 for another payment method.
 */
export const putPayment = operation({
  id: 'putPayment',
  method: 'put',
  path: '/payments/{orderId}',
  summary: 'Authorise the charge of an order',
  callers: ORDERS,
  params: one,
  body: newPayment,
  answers: thePayment
})

/** Takes the money, once. 422 above what is authorised; 409 where it is not authorised or another amount was taken. */
export const capturePayment = operation({
  id: 'capturePayment',
  method: 'put',
  path: '/payments/{orderId}/capture',
  summary: 'Take what is authorised, or a part',
  callers: ORDERS,
  params: one,
  body: capture,
  answers: thePayment
})

/**
 * Lets the authorisation go, and refuses or voids one that comes later, where there is none yet. It holds from the answer on, though
 * the provider may hear of it later. 409 `payment-captured` after the capture.
 */
export const voidPayment = operation({
  id: 'voidPayment',
  method: 'put',
  path: '/payments/{orderId}/void',
  summary: 'Let an authorisation go, for ever',
  callers: ORDERS,
  params: one,
  answers: thePayment
})

/** Gives a part back, once for each ID. 422 where all refunds would be above what was captured; 409 for an ID with another amount. */
export const putRefund = operation({
  id: 'putRefund',
  method: 'put',
  path: '/payments/{orderId}/refunds/{refundId}',
  summary: 'Give back all or a part',
  callers: ORDERS,
  params: one.extend({ refundId }),
  body: newRefund,
  answers: thePayment
})

export const getPayment = operation({
  id: 'getPayment',
  method: 'get',
  path: '/payments/{orderId}',
  summary: 'The payment of an order',
  callers: [...ORDERS, 'staff'],
  params: one,
  answers: thePayment
})

export const listPayments = operation({
  id: 'listPayments',
  method: 'get',
  path: '/payments',
  summary: 'Payments page by page, in the order of their orders',
  callers: ['staff'],
  query: z.object({ state: z.enum(states).optional(), ...paging }),
  answers: { 200: { description: 'A page', body: page(payment) } }
})

export const listJournal = operation({
  id: 'listJournal',
  method: 'get',
  path: '/journal',
  summary: 'Every movement of money, page by page',
  callers: ['staff'],
  query: z.object({ ...paging }),
  answers: { 200: { description: 'A page', body: page(journalEntry) } }
})

/** The sums of all legs. Those of one currency are 0 together. */
export const getBalances = operation({
  id: 'getBalances',
  method: 'get',
  path: '/journal/balances',
  summary: 'The balance of each account',
  callers: ['staff'],
  answers: { 200: { description: 'The balances', body: z.object({ items: z.array(balance) }) } }
})

/**
 * Takes a provider's word that something happened, as a hint to look. 400 for a bad signature, one over five minutes old, and what is no
 * webhook; 503 while it is still being asked for what the webhook tells.
 */
export const receiveWebhook = operation({
  id: 'receiveWebhook',
  method: 'post',
  path: '/webhooks/{provider}',
  summary: 'For the payment provider: tell that a payment changed',
  callers: ['public'],
  params: z.object({ provider: z.string().max(32) }),
  headers: ['stripe-signature'],
  upload: { type: 'application/json', limit: WEBHOOK_BYTES },
  answers: { 204: { description: 'It is taken', body: null } }
})

export const allOperations = [
  putPayment,
  capturePayment,
  voidPayment,
  putRefund,
  getPayment,
  listPayments,
  listJournal,
  getBalances,
  receiveWebhook
]
