import { randomUUID } from 'node:crypto'
import { type Answered, comesToBe, type Story, same } from '@bulkhead/testing/story'
import { newOrder } from './new-order.ts'

const [CATALOG, INVENTORY, ORDERS] = ['/api/v1/catalog', '/api/v1/inventory', '/api/v1/orders/orders']
const [PAYMENTS, PROVIDER] = ['/api/v1/payments/payments', '/api/v1/sandbox']

const CARDS = { approved: '4242424242424242', declined: '4000000000000002', authenticated: '4000002500003155' }
const STOCK = 5

/** The authentication of a buyer: as a customer, or by the secret of a guest's order. */
type Buyer = { as: 'customer' } | { headers: { 'order-secret': string } }

/**
 * Places orders of a new product, and archives the product at the end. The demo customer's orders are paid, declined, cancelled and
 * refunded. A guest's order is read and erased.
 */
export const story: Story = ({ ask }) => {
  const sku = `smoke-${randomUUID()}`
  const giftCard = `${sku}-card`
  let product: Answered
  let paid: Answered['body']

  const changeProduct = async (action: string) => {
    const headers = { 'if-match': product.etag }
    product = await ask(200, 'POST', `${CATALOG}/products/${product.body.id}/${action}`, { as: 'staff', headers })
  }

  /** Places an order of some pieces that is paid with a card, as the demo customer or as a guest. */
  async function place(quantity: number, number: string, as?: 'customer') {
    const body = newOrder({ productId: product.body.id, sku, quantity }, await methodOf(number))
    return placeOrder(body, as)
  }

  /** Creates the payment method of a card. */
  async function methodOf(number: string): Promise<string> {
    const card = { number, expiry: { month: 12, year: 2034 }, cvc: '123' }
    return (await ask(201, 'POST', `${PROVIDER}/payment-methods`, { body: card })).body.id
  }

  async function placeOrder(body: object, as?: 'customer') {
    const headers = { 'idempotency-key': randomUUID() }
    const options = as ? { as, headers, body } : { headers, body }
    return (await ask(201, 'POST', ORDERS, options)).body
  }

  /** Waits until an order reaches a state, and returns the order. */
  async function comesTo(id: string, state: string, buyer: Buyer = { as: 'customer' }): Promise<Answered> {
    let order!: Answered
    await comesToBe(`the state of ${id}`, state, async () => {
      order = await ask(200, 'GET', `${ORDERS}/${id}`, buyer)
      return order.body.state
    })
    return order
  }

  const stockIs = async (available: number) =>
    same('the stock', available, (await ask(200, 'GET', `${INVENTORY}/stock/${sku}`)).body.available)

  return [
    [
      'can be placed for a product that staff publish and stock',
      async () => {
        const prices = [{ amount: 1250, currency: 'EUR' }]
        const variants = [
          { sku, options: { Kind: 'Mug' }, prices },
          { sku: giftCard, options: { Kind: 'Gift card' }, prices, taxable: false, requiresShipping: false }
        ]
        const options = [{ name: 'Kind', values: ['Mug', 'Gift card'] }]
        const body = { handle: sku, title: 'Smoke test', options, variants }
        product = await ask(201, 'POST', `${CATALOG}/products`, { as: 'staff', body })
        await changeProduct('publish')
        const adjustment = { change: STOCK, reason: 'received' }
        for (const each of [sku, giftCard])
          await ask(201, 'POST', `${INVENTORY}/stock/${each}/adjustments`, { as: 'staff', body: adjustment })
      }
    ],
    [
      'are placed at the price of catalog, and paid',
      async () => {
        const placed = await place(2, CARDS.approved, 'customer')
        same('the total', { amount: 2_990, currency: 'EUR' }, placed.total)
        paid = (await comesTo(placed.id, 'captured')).body
        await stockIs(STOCK - 2)
      }
    ],
    [
      'need no address and have no tax for a gift card',
      async () => {
        const line = { productId: product.body.id, sku: giftCard, quantity: 1 }
        const { shippingMethod: _, ...body } = newOrder(line, await methodOf(CARDS.approved))
        const placed = await placeOrder({ ...body, deliveryAddress: { country: 'DE' } }, 'customer')
        same('the total', { amount: 1_250, currency: 'EUR' }, placed.total)
        same('the tax', 0, placed.tax.amount.amount)
        await comesTo(placed.id, 'captured')
      }
    ],
    [
      'have the same amount at payments and at the provider',
      async () => {
        const { body: ours } = await ask(200, 'GET', `${PAYMENTS}/${paid.id}`, { as: 'staff' })
        same('what payments captured', [paid.total, paid.total.amount], [ours.amount, ours.captured])
        const { body: theirs } = await ask(200, 'GET', `${PROVIDER}/payments?reference=${ours.id}`, { as: 'staff' })
        same('what the provider captured', [paid.total.amount], theirs.items.map(capturedOf))
      }
    ],
    [
      'are declined together with the card, without a change of the stock',
      async () => {
        await comesTo((await place(1, CARDS.declined, 'customer')).id, 'declined')
        await stockIs(STOCK - 2)
      }
    ],
    [
      'are rejected if the stock is short',
      async () => {
        await comesTo((await place(STOCK, CARDS.approved, 'customer')).id, 'rejected')
        await stockIs(STOCK - 2)
      }
    ],
    [
      'can be cancelled while they wait for the customer’s bank',
      async () => {
        const { id } = await place(1, CARDS.authenticated, 'customer')
        await comesTo(id, 'pending')
        await ask(200, 'POST', `${ORDERS}/${id}/cancel`, { as: 'customer' })
        await comesTo(id, 'cancelled')
        await stockIs(STOCK - 2)
      }
    ],
    [
      'are captured once the bank approves',
      async () => {
        const { id } = await place(1, CARDS.authenticated, 'customer')
        const { body } = await comesTo(id, 'pending')
        const path = `${PROVIDER}/payments/${body.action.id}/authenticate`
        await ask(200, 'POST', path, { body: { approve: true } })
        await comesTo(id, 'captured')
      }
    ],
    [
      'of a guest are a 404 without their secret, and lose the personal data on request',
      async () => {
        const { id, secret } = await place(1, CARDS.approved)
        const guest = { headers: { 'order-secret': secret } }
        await ask(404, 'GET', `${ORDERS}/${id}`)
        await comesTo(id, 'captured', guest)
        const { body } = await ask(200, 'DELETE', `${ORDERS}/${id}/personal-data`, guest)
        same('what is left', [undefined, { country: 'DE' }], [body.email, body.deliveryAddress])
      }
    ],
    [
      'are refunded',
      async () => {
        const { etag } = await comesTo(paid.id, 'captured')
        const asked = { as: 'staff', headers: { 'if-match': etag }, body: { reason: 'smoke test' } } as const
        await ask(200, 'POST', `${ORDERS}/${paid.id}/refunds`, asked)
        await comesTo(paid.id, 'refunded')
        await changeProduct('archive')
      }
    ]
  ]
}

const capturedOf = ({ captured }: { captured: number }) => captured
