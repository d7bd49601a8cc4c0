import { randomUUID } from 'node:crypto'
import { chance } from './choice.ts'
import { CURRENCY, type Offer } from './products.ts'
import type { Shopper } from './shopper.ts'

const CARTS = '/api/v1/cart/carts'
/** The share of shoppers who take a second piece. */
const SECOND_PIECE = 0.2

export type Line = Offer & { quantity: number }

/** Puts an offer into a new cart of a guest, and looks at the cart. Resolves with the cart's ID and its line. */
export async function fillCart({ call, look }: Shopper, offer: Offer): Promise<{ cart: string; line: Line }> {
  const cart = (await call('new cart', [201], 'POST', CARTS)).body.id as string
  const line = { ...offer, quantity: chance(SECOND_PIECE) ? 2 : 1 }
  const headers = { 'idempotency-key': randomUUID() }
  await call('add to cart', [200], 'POST', `${CARTS}/${cart}/lines`, { headers, body: line })
  await look()
  await call('cart', [200], 'GET', `${CARTS}/${cart}?currency=${CURRENCY}`)
  return { cart, line }
}

/** Deletes a cart. It may be gone already. */
export async function deleteCart({ call }: Pick<Shopper, 'call'>, cart: string) {
  const { status, etag } = await call('cart', [200, 404], 'GET', `${CARTS}/${cart}?currency=${CURRENCY}`)
  if (status === 404) return
  await call('delete cart', [204, 404, 412], 'DELETE', `${CARTS}/${cart}`, { headers: { 'if-match': etag } })
}
