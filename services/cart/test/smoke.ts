import { randomUUID } from 'node:crypto'
import { type Answered, type Story, same } from '@bulkhead/testing/story'
import { anyOffer, CURRENCY, type Offer } from './offer.ts'

const CARTS = '/api/v1/cart/carts'

type Line = { productId: string; sku: string; quantity: number }

/** A guest fills a cart, logs in as the demo customer, and merges the cart. At the end, the customer's cart has its earlier contents. */
export const story: Story = ({ ask }) => {
  let offer: Offer
  let guest: Answered
  const isOffer = ({ productId, sku }: Line) => productId === offer.productId && sku === offer.sku
  const lineOf = ({ body }: Answered) => (body.lines as Line[]).find(isOffer)
  const pathOfLine = ({ body }: Answered) =>
    `${CARTS}/${body.id}/lines/${offer.productId}/${encodeURIComponent(offer.sku)}`

  return [
    [
      'creates a cart for a guest',
      async () => {
        offer = await anyOffer(ask)
        guest = await ask(201, 'POST', CARTS)
      }
    ],
    [
      'adds a product once for a repeated request, and sets its quantity',
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
      "shows catalog's prices",
      async () => {
        const { body } = await ask(200, 'GET', `${CARTS}/${guest.body.id}?currency=${CURRENCY}`)
        same('the services that did not answer', [], body.missing)
        same('the price of a piece', offer.price, body.lines[0].unitPrice)
        same('the sum', { ...offer.price, amount: 3 * offer.price.amount }, body.subtotal)
      }
    ],
    [
      "moves the guest's cart into the customer's cart",
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
      'deletes a cart',
      async () => {
        const { body, etag } = await ask(201, 'POST', CARTS)
        await ask(204, 'DELETE', `${CARTS}/${body.id}`, { headers: { 'if-match': etag } })
        await ask(404, 'GET', `${CARTS}/${body.id}`)
      }
    ]
  ]
}
