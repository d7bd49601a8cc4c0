import { randomUUID } from 'node:crypto'
import { type Answered, type Story, same } from '@bulkhead/testing/story'

const PRODUCTS = '/api/v1/catalog/products'

/** The life of a product: staff drafts and publishes it, everyone reads it, staff archives it. */
export const story: Story = ({ ask }) => {
  const unique = `smoke-${randomUUID()}`
  let listed: { id: string }
  let product: Answered
  const change = (action: string) =>
    ask(200, 'POST', `${PRODUCTS}/${product.body.id}/${action}`, { as: 'staff', headers: { 'if-match': product.etag } })

  return [
    [
      'lists products',
      async () => {
        const { items } = (await ask(200, 'GET', `${PRODUCTS}?limit=1`)).body
        same('number of products on a page of one', 1, items.length)
        listed = items[0]
      }
    ],
    [
      'returns a product, and a 304 for a known ETag',
      async () => {
        const { body, etag } = await ask(200, 'GET', `${PRODUCTS}/${listed.id}`)
        same('the product shown', listed, body)
        await ask(304, 'GET', `${PRODUCTS}/${listed.id}`, { headers: { 'if-none-match': etag } })
      }
    ],
    [
      'hides a draft from customers',
      async () => {
        const variants = [{ sku: unique, prices: [{ amount: 1250, currency: 'EUR' }] }]
        product = await ask(201, 'POST', PRODUCTS, {
          as: 'staff',
          body: { handle: unique, title: 'Smoke test', variants }
        })
        same('the status of a new product', 'draft', product.body.status)
        await ask(404, 'GET', `${PRODUCTS}/${product.body.id}`, { as: 'customer' })
      }
    ],
    [
      'publishes a product',
      async () => {
        product = await change('publish')
        const { body } = await ask(200, 'GET', `${PRODUCTS}/${product.body.id}`, { as: 'customer' })
        same('the product as the customer sees it', product.body, body)
      }
    ],
    [
      'archives a product',
      async () => {
        product = await change('archive')
        await ask(404, 'GET', `${PRODUCTS}/${product.body.id}`)
      }
    ]
  ]
}
