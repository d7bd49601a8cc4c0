import { operation, pageQuery, pageSchema } from '@bulkhead/chassis/contract'
import { moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { states } from '../lifecycle/machine.ts'
import { SECRET_HEADER } from './access.ts'
import { newOrder, newRefund, order, orderId, placedOrder } from './schemas.ts'

// A customer's order is open to that customer. A guest's order is open to anyone who sends its secret. Staff can open all orders. Everyone
// else gets a 404.
const params = z.object({ id: orderId })
/** The headers of each operation that guests may call for an order. */
const headers = [SECRET_HEADER]
/** Maximum bytes of an order in a request. In JSON, each character of a SKU can take six bytes. */
const ORDER_BYTES = 256 * 1024

/**
 * Places an order at catalog's prices and answers before the order is paid. Only this answer has the secret of a guest's order. Returns 409
 * if the total differs from the expected total. Returns 422 if a line is not offered, or if a line needs shipping and fields of the
 * delivery are missing.
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

/** Returns one order. */
export const getOrder = operation({
  id: 'getOrder',
  method: 'get',
  path: '/orders/{id}',
  summary: 'Get an order',
  callers: ['public'],
  params,
  headers,
  answers: { 200: { description: 'The order', body: order } }
})

/** Lists the caller's own orders. For staff, lists the orders of all customers. The latest order comes first. */
export const listOrders = operation({
  id: 'listOrders',
  method: 'get',
  path: '/orders',
  summary: 'List orders page by page, latest first',
  callers: ['customer', 'staff'],
  query: z.object({ state: z.enum(states).optional(), ...pageQuery }),
  answers: { 200: { description: 'A page', body: pageSchema(order) } }
})

/** Streams the order now and after each change, until its final state. A stream ends after at most a minute: connect again. */
export const watchOrder = operation({
  id: 'watchOrder',
  method: 'get',
  path: '/orders/{id}/events',
  summary: 'Watch an order',
  callers: ['public'],
  params,
  headers,
  stream: true,
  answers: { 200: { description: 'The order after each change', body: order } }
})

/** Cancels an order that is not paid. Returns 409 for a paid order. A repeated request changes nothing. */
export const cancelOrder = operation({
  id: 'cancelOrder',
  method: 'post',
  path: '/orders/{id}/cancel',
  summary: 'Cancel an unpaid order',
  callers: ['public'],
  params,
  headers,
  answers: { 200: { description: 'The order, being cancelled', body: order } }
})

/** Erases e-mail and address permanently, except the country. Returns 409 while the order has a next step. */
export const erasePersonalData = operation({
  id: 'erasePersonalData',
  method: 'delete',
  path: '/orders/{id}/personal-data',
  summary: 'Erase the personal data of an order',
  callers: ['public'],
  params,
  headers,
  answers: { 200: { description: 'The order, without e-mail and address', body: order } }
})

/** Refunds a captured order. Needs `If-Match`, so that a repeated request does not refund again. */
export const refundOrder = operation({
  id: 'refundOrder',
  method: 'post',
  path: '/orders/{id}/refunds',
  summary: 'Refund an order in part or in full',
  callers: ['staff'],
  params,
  body: newRefund,
  example: { reason: 'returned' },
  guarded: true,
  answers: { 200: { description: 'The order, being refunded', body: order } }
})

/** Returns the total of an order to payments, which charges this amount. */
export const getCharge = operation({
  id: 'getCharge',
  method: 'get',
  path: '/orders/{id}/charge',
  summary: 'Get the amount to charge for an order',
  callers: ['service:payments'],
  params,
  answers: { 200: { description: 'The amount', body: z.object({ amount: moneySchema }) } }
})

export const orderOperations = [
  placeOrder,
  getOrder,
  listOrders,
  watchOrder,
  cancelOrder,
  erasePersonalData,
  refundOrder,
  getCharge
]
