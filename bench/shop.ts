import { randomUUID } from 'node:crypto'
import { Pool } from 'undici'
import { Failure } from '../packages/cli/src/failure.ts'
import { localUrl, type Stack } from '../packages/cli/src/stack.ts'
import { customerTokens, staffToken } from '../packages/cli/src/test-tokens.ts'
import { capturedOrders } from './captured-orders.ts'
import type { Ground } from './ground.ts'
import { tryOne } from './load.ts'
import { publishProducts } from './products.ts'
import { type RunningServices, untilRouted } from './services.ts'

const PRODUCTS = 100
const CUSTOMERS = 1_000
/** Pieces of each SKU: more than anybody orders here. */
const STOCK = 10_000_000
const CARD = { number: '4242424242424242', expiry: { month: 12, year: 2034 }, cvc: '123' }
const ANSWER_LIMIT = 10_000
const ORDERS = '/api/v1/orders/orders'
const METHODS = '/api/v1/sandbox/payment-methods'

/** Whom an order passes, beside the gateway. `sandbox` stands in for a payment provider. */
export const ORDER_PATH = ['gateway', 'catalog', 'inventory', 'orders', 'payments', 'sandbox']

/** All orders come from one network, so its limits are high. */
export const LIMITS = {
  RATE_LIMIT_CLIENT: '100000',
  OPERATION_LIMIT_FACTOR: '100000',
  HOLDS_PER_NETWORK: '100000',
  HOLDS_NETWORK_PERCENT: '100'
}

/** A shop of 100 products in two sizes with stock for all, whose 1,000 customers order one piece at a time through the gateway. */
export async function openShop(ground: Ground, running: RunningServices) {
  const { stack } = running
  const gateway = localUrl(stack.portBase)
  const staff = await staffToken(stack)
  const tokens = await customerTokens(stack, CUSTOMERS)
  const products = await publishProducts(urlOf(stack, 'catalog'), staff, PRODUCTS)
  for (const { sku } of products.flatMap(({ variants }) => variants))
    await putOnShelf(urlOf(stack, 'inventory'), staff, sku)
  for (const path of [ORDERS, METHODS]) await untilRouted(running, path)
  const card = { method: 'POST', path: METHODS, token: tokens[0]!, body: CARD } as const
  const { id: paymentMethod } = (await tryOne(gateway, card)) as { id: string }
  const captured = await capturedOrders(stack)
  const pool = new Pool(gateway, { connections: 64, headersTimeout: ANSWER_LIMIT })
  ground.later(() => pool.close())
  ground.later(captured.stop)
  let count = 0

  /** Places an order of one piece. Resolves once it is captured. */
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

const putOnShelf = (url: string, token: string, sku: string) =>
  tryOne(url, { method: 'POST', path: `/stock/${sku}/adjustments`, token, body: { change: STOCK, reason: 'received' } })
