import { randomUUID } from 'node:crypto'
import { type Answered, type Story, same } from '@bulkhead/testing/story'
import { anyOffer, CURRENCY, type Offer } from './offer.ts'

const CARTS = '/api/v1/cart/carts'

type Line = { productId: string; sku: string; quantity: number }

/** A guest fills a cart, becomes the demo customer, and takes the cart along. The customer's own cart is left as it was. */
export const story: Story = ({ ask }) => {
  let offer: Offer
  let guest: Answered
  const isOffer = ({ productId, sku }: Line) => productId === offer.productId && sku === offer.sku
  const lineOf = ({ body }: Answered) => (body.lines as Line[]).find(isOffer)
  const pathOfLine = ({ body }: Answered) =>
    `${CARTS}/${body.id}/lines/${offer.productId}/${encodeURIComponent(offer.sku)}`

  return [
    [
      'is made for a guest',
      async () => {
        offer = await anyOffer(ask)
        guest = await ask(201, 'POST', CARTS)
      }
    ],
    [
      'takes a product, once though the request is repeated, and its quantity',
      async () => {
        const { productId, sku } = offer
        const request = { headers: { 'idempotency-key': randomUUID() }, body: { productId, sku } }
        const { etag } = await ask(200, 'POST', `${CARTS}/${guest.body.id}/lines`, request)
        const { body } = await ask(200, 'POST', `${CARTS}/${guest.body.id}/lines`, request)
        same('the quantity after a repeated request', 1, body.quantity)
        await ask(200, 'PUT', pathOfLine(guest), { headers: { 'if-match': etag }, body: { quantity: 3 } })
      }
    ],
    [
      'shows prices of catalog',
      async () => {
        const { body } = await ask(200, 'GET', `${CARTS}/${guest.body.id}?currency=${CURRENCY}`)
        same('services that did not answer', [], body.missing)
        same('the price of a piece', offer.price, body.lines[0].unitPrice)
        same('the sum', { ...offer.price, amount: 3 * offer.price.amount }, body.subtotal)
      }
    ],
    [
      "is moved into the customer's own",
      async () => {
        const own = await ask([200, 201], 'POST', CARTS, { as: 'customer' })
        const merged = await ask(200, 'POST', `${CARTS}/${own.body.id}/merge`, {
          as: 'customer',
          body: { from: guest.body.id }
        })
        same('the quantity', (lineOf(own)?.quantity ?? 0) + 3, lineOf(merged)?.quantity)
        await ask(404, 'GET', `${CARTS}/${guest.body.id}`)
        const quantity = lineOf(own)?.quantity
        const asked = { as: 'customer', headers: { 'if-match': merged.etag } } as const
        if (quantity) await ask(200, 'PUT', pathOfLine(own), { ...asked, body: { quantity } })
        else await ask(204, 'DELETE', pathOfLine(own), asked)
      }
    ],
    [
      'is deleted',
      async () => {
        const { body, etag } = await ask(201, 'POST', CARTS)
        await ask(204, 'DELETE', `${CARTS}/${body.id}`, { headers: { 'if-match': etag } })
        await ask(404, 'GET', `${CARTS}/${body.id}`)
      }
    ]
  ]
}
