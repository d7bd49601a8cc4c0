import { type Story, same } from '@bulkhead/testing/story'

const STOCK = '/api/v1/inventory/stock'
const SKU = 'SMOKE-TEST'

/** Staff counts stock, and then sets it to zero again, so that no stock is left behind. */
export const story: Story = ({ ask }) => {
  const adjust = (body: object) => ask(201, 'POST', `${STOCK}/${SKU}/adjustments`, { as: 'staff', body })
  return [
    [
      'lets staff adjust stock, and anyone read it',
      async () => {
        await adjust({ count: 3, reason: 'counted' })
        same('the stock', { sku: SKU, available: 3 }, (await ask(200, 'GET', `${STOCK}/${SKU}`)).body)
        await ask(403, 'POST', `${STOCK}/${SKU}/adjustments`, { as: 'customer', body: { count: 1, reason: 'counted' } })
      }
    ],
    [
      'never falls below zero, and lists its adjustments',
      async () => {
        await ask(409, 'POST', `${STOCK}/${SKU}/adjustments`, { as: 'staff', body: { change: -4, reason: 'damaged' } })
        await adjust({ count: 0, reason: 'counted' })
        const { items } = (await ask(200, 'GET', `${STOCK}/${SKU}/adjustments?limit=2`, { as: 'staff' })).body
        same(
          'the latest changes',
          [-3, 3],
          items.map(({ change }: { change: number }) => change)
        )
      }
    ]
  ]
}
