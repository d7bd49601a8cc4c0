import { operation } from '@bulkhead/chassis/contract'
import { moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { cart, cartId, line, pricedCart, productId, quantity, sku } from './schemas.ts'

// A guest's cart is for whoever knows its ID, a customer's for that customer only. To anyone else it is not there (404).
const one = z.object({ id: cartId })
const oneLine = z.object({ id: cartId, productId, sku })
const currency = moneySchema.shape.currency.default('EUR')

/**
 * Makes a guest's cart; for a customer, who has one only, that one is made or given. 429 with Retry-After for a guest whose network has
 * too many carts. Takes no `Idempotency-Key`: all guests share theirs, so one that is guessed would give away a cart.
 */
export const createCart = operation({
  id: 'createCart',
  method: 'post',
  path: '/carts',
  summary: "Make a guest's cart, or get the customer's one",
  callers: ['public'],
  perClient: { calls: 120, seconds: 60 },
  answers: { 200: { description: "The customer's cart", body: cart }, 201: { description: 'A new cart', body: cart } }
})

/** A cart with what catalog says now. While catalog does not answer: IDs and quantities, and `missing` says so. */
export const getCart = operation({
  id: 'getCart',
  method: 'get',
  path: '/carts/{id}',
  summary: 'A cart with titles and prices of now',
  callers: ['public'],
  params: one,
  query: z.object({ currency }),
  answers: { 200: { description: 'The cart', body: pricedCart } }
})

/** Deletes a cart. Needs `If-Match`. */
export const deleteCart = operation({
  id: 'deleteCart',
  method: 'delete',
  path: '/carts/{id}',
  summary: 'Delete a cart',
  callers: ['public'],
  params: one,
  guarded: true,
  answers: { 204: { description: 'Deleted', body: null } }
})

/**
 * Adds to the quantity of a line, once for each `Idempotency-Key` of the cart. Takes no `If-Match`: additions give the same in any order.
 * Catalog isn't asked: what it does not offer shows when the cart is read. 409 beyond 999 pieces of a line or 100 lines.
 */
export const addToLine = operation({
  id: 'addToLine',
  method: 'post',
  path: '/carts/{id}/lines',
  summary: 'Put some more of a product into a cart',
  callers: ['public'],
  params: one,
  body: z.object({ productId, sku, quantity: quantity.default(1) }),
  keyed: true,
  keysOf: 'resource',
  example: { productId: 'prd_06dk3v5q8xte9s2w7m4c1znhb0', sku: 'MUG-BLUE', quantity: 2 },
  answers: { 200: { description: 'The line', body: line } }
})

/** Sets the quantity of a line, which needs not be there yet. Needs `If-Match`. 409 beyond 100 lines. */
export const setLine = operation({
  id: 'setLine',
  method: 'put',
  path: '/carts/{id}/lines/{productId}/{sku}',
  summary: 'Set the quantity of a line',
  callers: ['public'],
  params: oneLine,
  body: z.object({ quantity }),
  example: { quantity: 2 },
  guarded: true,
  answers: { 200: { description: 'The line', body: line } }
})

/** Takes a line out. Needs `If-Match`. */
export const removeLine = operation({
  id: 'removeLine',
  method: 'delete',
  path: '/carts/{id}/lines/{productId}/{sku}',
  summary: 'Take a line out of a cart',
  callers: ['public'],
  params: oneLine,
  guarded: true,
  answers: { 204: { description: 'Taken out', body: null } }
})

/**
 * Moves a guest's cart into the customer's own: quantities add up, to 999 at most, and the guest's cart is gone. Takes no
 * `If-Match`, as adding. Where there is no such guest's cart, nothing changes and the answer is the same, so that it may be
 * repeated. 409 beyond 100 lines; then both carts stay as they are.
 */
export const mergeCart = operation({
  id: 'mergeCart',
  method: 'post',
  path: '/carts/{id}/merge',
  summary: "Move a guest's cart into the customer's own",
  callers: ['customer'],
  params: one,
  body: z.object({ from: cartId }),
  answers: { 200: { description: "The customer's cart", body: cart } }
})

export const cartOperations = [createCart, getCart, deleteCart, addToLine, setLine, removeLine, mergeCart]
