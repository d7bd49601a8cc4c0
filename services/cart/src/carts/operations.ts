import { operation } from '@bulkhead/chassis/contract'
import { moneySchema, skuSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { cart, cartId, line, pricedCart, productId, quantity } from './schemas.ts'

// Everyone who knows the ID of a guest's cart may use it. A customer's cart is open to that customer only; everyone else gets a 404.
const oneCart = z.object({ id: cartId })
const oneLine = z.object({ id: cartId, productId, sku: skuSchema })
const currency = moneySchema.shape.currency.default('EUR')

/**
 * Creates a guest's cart. A customer has one cart: it is created, or returned if it exists. Returns 429 with Retry-After if a guest's
 * network has too many carts. Accepts no `Idempotency-Key`: all guests share their keys, so a guessed key would reveal another guest's
 * cart.
 */
export const createCart = operation({
  id: 'createCart',
  method: 'post',
  path: '/carts',
  summary: "Create a guest's cart, or get the customer's cart",
  callers: ['public'],
  perClient: { calls: 120, seconds: 60 },
  answers: {
    200: { description: "The customer's cart", body: cart },
    201: { description: 'The new cart', body: cart }
  }
})

/** Returns a cart with current titles and prices. While catalog does not answer, the cart has neither, and `missing` names catalog. */
export const getCart = operation({
  id: 'getCart',
  method: 'get',
  path: '/carts/{id}',
  summary: 'Get a cart with current titles and prices',
  callers: ['public'],
  params: oneCart,
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
  params: oneCart,
  guarded: true,
  answers: { 204: { description: 'The cart is deleted', body: null } }
})

/**
 * Adds pieces to a line, once for each `Idempotency-Key` of the cart. Needs no `If-Match`, because additions give the same result in any
 * order. Does not ask catalog: reading the cart shows which lines are not available. Returns 409 above 999 pieces of a line or 100 lines.
 */
export const addToLine = operation({
  id: 'addToLine',
  method: 'post',
  path: '/carts/{id}/lines',
  summary: 'Add pieces of a product to a cart',
  callers: ['public'],
  params: oneCart,
  body: z.object({ productId, sku: skuSchema, quantity: quantity.default(1) }),
  keyed: true,
  keysOf: 'resource',
  example: { productId: 'prd_06dk3v5q8xte9s2w7m4c1znhb0', sku: 'MUG-BLUE', quantity: 2 },
  answers: { 200: { description: 'The line', body: line } }
})

/** Sets the quantity of a line, and adds the line if it is missing. Needs `If-Match`. Returns 409 above 100 lines. */
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

/** Removes a line. Needs `If-Match`. */
export const removeLine = operation({
  id: 'removeLine',
  method: 'delete',
  path: '/carts/{id}/lines/{productId}/{sku}',
  summary: 'Remove a line from a cart',
  callers: ['public'],
  params: oneLine,
  guarded: true,
  answers: { 204: { description: 'The line is removed', body: null } }
})

/**
 * Moves the lines of a guest's cart into the customer's cart, and deletes the guest's cart. Quantities add up, to at most 999. Needs no
 * `If-Match`, like adding. A repeated request changes nothing and gets the same answer, because a missing guest's cart is not an error.
 * Returns 409 above 100 lines; then both carts stay unchanged.
 */
export const mergeCart = operation({
  id: 'mergeCart',
  method: 'post',
  path: '/carts/{id}/merge',
  summary: "Move a guest's cart into the customer's cart",
  callers: ['customer'],
  params: oneCart,
  body: z.object({ from: cartId }),
  answers: { 200: { description: "The customer's cart", body: cart } }
})

export const cartOperations = [createCart, getCart, deleteCart, addToLine, setLine, removeLine, mergeCart]
