import { randomUUID } from 'node:crypto'
import { Pool } from 'undici'
import { Failure } from '../../packages/cli/src/failure.ts'
import { localUrl, type Stack } from '../../packages/cli/src/services/stack.ts'
import { customerTokens, staffToken } from '../../packages/cli/src/tokens/test-tokens.ts'
import { sendOnce } from '../load/wrk.ts'
import { type RunningServices, waitUntilRouted } from '../testbed/services.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { watchCapturedOrders } from './captured-orders.ts'
import { publishProducts } from './products.ts'

const PRODUCTS = 100
const CUSTOMERS = 1_000
/** The stock of each SKU, which is more than all orders need. */
const STOCK = 10_000_000
const CARD = { number: '4242424242424242', expiry: { month: 12, year: 2034 }, cvc: '123' }
const ANSWER_LIMIT = 10_000
const ORDERS = '/api/v1/orders/orders'
const METHODS = '/api/v1/sandbox/payment-methods'

/** The services that an order needs. `sandbox` replaces a payment provider. */
export const ORDER_PATH = ['gateway', 'catalog', 'inventory', 'orders', 'payments', 'sandbox']

/** High limits for one network, because all orders come from the same one. */
export const LIMITS = {
  RATE_LIMIT_CLIENT: '100000',
  OPERATION_LIMIT_FACTOR: '100000',
  HOLDS_PER_NETWORK: '100000',
  HOLDS_NETWORK_PERCENT: '100'
}

/** Opens a shop with 100 products in two sizes and enough stock. Its 1,000 customers order one piece at a time through the gateway. */
export async function openShop(testbed: Testbed, running: RunningServices) {
  const { stack } = running
  const gateway = localUrl(stack.portBase)
  const staff = await staffToken(stack)
  const tokens = await customerTokens(stack, CUSTOMERS)
  const products = await publishProducts(urlOf(stack, 'catalog'), staff, PRODUCTS)
  for (const { sku } of products.flatMap(({ variants }) => variants))
    await addStock(urlOf(stack, 'inventory'), staff, sku)
  for (const path of [ORDERS, METHODS]) await waitUntilRouted(running, path)
  const card = { method: 'POST', path: METHODS, token: tokens[0]!, body: CARD } as const
  const { id: paymentMethod } = (await sendOnce(gateway, card)) as { id: string }
  const captured = await watchCapturedOrders(stack)
  const pool = new Pool(gateway, { connections: 64, headersTimeout: ANSWER_LIMIT })
  testbed.onClear(() => pool.close())
  testbed.onClear(captured.stop)
  let count = 0

  /** Places an order for one piece. Resolves once it is captured. */
  async function order() {
    const number = count++
    const { id: productId, variants } = products[number % PRODUCTS]!
    const { sku } = variants[Math.floor(number / PRODUCTS) % variants.length]!
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: ORDERS,
      headers: {
        authorization: `Bearer ${tokens[number % CUSTOMERS]!.trim()}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID()
      },
      body: JSON.stringify({ ...ADDRESSED, lines: [{ productId, sku, quantity: 1 }], paymentMethod })
    })
    if (statusCode !== 201) throw new Failure(`An order is answered ${statusCode}: ${await body.text()}`)
    await captured.until(((await body.json()) as { id: string }).id)
  }

  return { order }
}

const ADDRESSED = {
  currency: 'EUR',
  email: 'ada@example.com',
  deliveryAddress: { name: 'Ada Example', street: 'Weg 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  shippingMethod: 'standard'
}

const urlOf = ({ services }: Stack, name: string) =>
  localUrl(services.find(service => service.name === name)!.ports.api)

const addStock = (url: string, token: string, sku: string) =>
  sendOnce(url, {
    method: 'POST',
    path: `/stock/${sku}/adjustments`,
    token,
    body: { change: STOCK, reason: 'received' }
  })
