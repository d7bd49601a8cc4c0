import { randomUUID } from 'node:crypto'
import type { Line } from './cart.ts'
import { chance } from './choice.ts'
import { CURRENCY } from './products.ts'
import type { End, Shopper } from './shopper.ts'

const ORDERS = '/api/v1/orders/orders'
const METHODS = '/api/v1/sandbox/payment-methods'
const STOCK = '/api/v1/inventory/stock'

/** The test cards of the sandbox. `authenticated` waits until the buyer approves the payment at the bank. */
export const CARDS = {
  approved: '4242424242424242',
  declined: '4000000000000002',
  poor: '4000000000009995',
  authenticated: '4000002500003155'
}

export type Card = keyof typeof CARDS

/** How many times a shopper looks at an order until it is paid. */
const LOOKS = 20
/** The share of shoppers who order although the page says that the product is sold out, because their page is old. */
const OLD_PAGE = 0.2

const ENDS: Record<string, End> = {
  captured: 'bought',
  refunding: 'bought',
  refunded: 'bought',
  declined: 'declined',
  rejected: 'out of stock',
  cancelled: 'cancelled',
  expired: 'cancelled'
}

/** A placed order: its ID, and how its buyer may read it. */
export type Placed = { id: string; buyer: { token: string } | { headers: { 'order-secret': string } } }

/** True if the shopper may order: the stock is enough, or the shopper does not know that it is not. Restocks a product that is sold out. */
export async function isOnOffer({ call, restock, has }: Shopper, { sku, quantity }: Line): Promise<boolean> {
  if (!has('inventory')) return true
  const { status, body } = await call('stock', [200, 404], 'GET', `${STOCK}/${encodeURIComponent(sku)}`)
  if (status === 200 && body.available >= quantity) return true
  if (chance(OLD_PAGE)) return true
  await restock(sku)
  return false
}

/** Places an order of one line that is paid with a card, as a guest or as the customer of the token. */
export async function placeOrder(
  { call, person }: Shopper,
  line: Line,
  card: Card,
  { token, cart }: { token?: string; cart?: string } = {}
): Promise<Placed> {
  const paymentMethod = await newPaymentMethod({ call }, card)
  const { email, address } = person
  const body = {
    lines: [line],
    currency: CURRENCY,
    email,
    deliveryAddress: address,
    shippingMethod: 'standard',
    paymentMethod,
    cart
  }
  const headers = { 'idempotency-key': randomUUID() }
  const { id, secret } = (await call('place order', [201], 'POST', ORDERS, { token, headers, body })).body
  return { id, buyer: token ? { token } : { headers: { 'order-secret': secret } } }
}

async function newPaymentMethod({ call }: Pick<Shopper, 'call'>, card: Card): Promise<string> {
  const body = { number: CARDS[card], expiry: { month: 12, year: 2034 }, cvc: '123' }
  return (await call('payment method', [201], 'POST', METHODS, { body })).body.id
}

/** Looks at an order until it is paid or undone. Resolves with the end of the journey. */
export async function followOrder(shopper: Shopper, placed: Placed, line: Line): Promise<End> {
  const state = await untilState(shopper, placed, state => state in ENDS)
  if (state === 'rejected') await shopper.restock(line.sku)
  return ENDS[state] ?? 'still unpaid'
}

/** Looks at an order until the bank asks its buyer for approval, then cancels it. */
export async function cancelAtBank(shopper: Shopper, placed: Placed, line: Line): Promise<End> {
  const state = await untilState(shopper, placed, state => state === 'pending' || state in ENDS)
  if (state !== 'pending') return followOrder(shopper, placed, line)
  await shopper.call('cancel order', [200, 409], 'POST', `${ORDERS}/${placed.id}/cancel`, placed.buyer)
  return followOrder(shopper, placed, line)
}

async function untilState(
  { call, look }: Shopper,
  { id, buyer }: Placed,
  isAwaited: (state: string) => boolean
): Promise<string> {
  let state = ''
  for (let looks = 0; looks < LOOKS && !isAwaited(state); looks++) {
    await look()
    state = (await call('order', [200], 'GET', `${ORDERS}/${id}`, buyer)).body.state
  }
  return state
}

/** Looks at the latest orders of a customer, and at one of them. */
export async function lookAtOrders({ call, look }: Shopper, token: string): Promise<End> {
  const { items } = (await call('my orders', [200], 'GET', `${ORDERS}?limit=10`, { token })).body
  if (items.length > 0) {
    await look()
    await call('order', [200], 'GET', `${ORDERS}/${items[0].id}`, { token })
  }
  return 'looked at orders'
}
