import { operation, page, paging } from '@bulkhead/chassis/contract'
import { moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { states } from '../lifecycle/machine.ts'
import { SECRET_HEADER } from './access.ts'
import { ORDER_BYTES } from './limits.ts'
import { newOrder, newRefund, order, orderId, placedOrder } from './schemas.ts'

// A customer's order is for that customer, a guest's for whoever sends its secret, and staff see all. To anyone else it is not there (404).
const one = z.object({ id: orderId })
/** What an operation reads that a guest calls on an order. */
const headers = [SECRET_HEADER]

/**
 * Places an order at catalog's prices, and answers before it is paid. Only this shows a guest the secret of
 * the order. 409 if the total is not the expected one, 422 for what can't be
 * ordered so, and for missing fields of the delivery if something is shipped.
 */
export const placeOrder = operation({
  id: 'placeOrder',
  method: 'post',
  path: '/orders',
  summary: 'Place an order',
  callers: ['public'],
  body: newOrder,
  example: {
    lines: [{ productId: 'prd_06dk3v5q8xte9s2w7m4c1znhb0', sku: 'MUG-BLUE', quantity: 2 }],
    currency: 'EUR',
    email: 'ada@example.com',
    deliveryAddress: { name: 'Ada Example', street: 'Weg 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
    shippingMethod: 'standard',
    paymentMethod: 'pm_06dk3v5q8xte9s2w7m4c1znhb0'
  },
  bodyLimit: ORDER_BYTES,
  keyed: 'required',
  perClient: { calls: 60, seconds: 60 },
  answers: { 201: { description: 'The order, placed', body: placedOrder } }
})

export const getOrder = operation({
  id: 'getOrder',
  method: 'get',
  path: '/orders/{id}',
  summary: 'One order',
  callers: ['public'],
  params: one,
  headers,
  answers: { 200: { description: 'The order', body: order } }
})

/** A customer's own; of all for staff. Latest first. */
export const listOrders = operation({
  id: 'listOrders',
  method: 'get',
  path: '/orders',
  summary: 'Orders page by page, latest first',
  callers: ['customer', 'staff'],
  query: z.object({ state: z.enum(states).optional(), ...paging }),
  answers: { 200: { description: 'A page', body: page(order) } }
})

/** The order as it is, then after each change, until it can't change any more. A stream ends after a minute at most: ask again then. */
export const watchOrder = operation({
  id: 'watchOrder',
  method: 'get',
  path: '/orders/{id}/events',
  summary: 'Watch an order',
  callers: ['public'],
  params: one,
  headers,
  stream: true,
  answers: { 200: { description: 'The order after each change', body: order } }
})

/** Until it is paid; 409 after that. Asked again, the answer is the same. */
export const cancelOrder = operation({
  id: 'cancelOrder',
  method: 'post',
  path: '/orders/{id}/cancel',
  summary: 'Cancel an order that is not paid yet',
  callers: ['public'],
  params: one,
  headers,
  answers: { 200: { description: 'The order, being undone', body: order } }
})

/** E-mail and address go but for the country, and do not come back. 409 while a step of the order is still to be done. */
export const erasePersonalData = operation({
  id: 'erasePersonalData',
  method: 'delete',
  path: '/orders/{id}/personal-data',
  summary: 'Erase the personal data of an order',
  callers: ['public'],
  params: one,
  headers,
  answers: { 200: { description: 'The order, without e-mail and address', body: order } }
})

/** Of a captured order. Needs `If-Match`, so that nothing is paid back twice. */
export const refundOrder = operation({
  id: 'refundOrder',
  method: 'post',
  path: '/orders/{id}/refunds',
  summary: 'Pay an order back, in part or whole',
  callers: ['staff'],
  params: one,
  body: newRefund,
  example: { reason: 'returned' },
  guarded: true,
  answers: { 200: { description: 'The order, being refunded', body: order } }
})

/** What payments takes for an order: its total, which nobody tells it. */
export const getCharge = operation({
  id: 'getCharge',
  method: 'get',
  path: '/orders/{id}/charge',
  summary: 'What is to be paid for an order',
  callers: ['service:payments'],
  params: one,
  answers: { 200: { description: 'The amount', body: z.object({ amount: moneySchema }) } }
})

export const allOperations = [
  placeOrder,
  getOrder,
  listOrders,
  watchOrder,
  cancelOrder,
  erasePersonalData,
  refundOrder,
  getCharge
]
