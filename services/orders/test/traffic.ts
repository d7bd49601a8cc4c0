import { randomBytes, randomUUID } from 'node:crypto'
import { type Ask, comesToBe, same } from '@bulkhead/testing/story'
import { any, type OpenTraffic, type Sent } from '@bulkhead/testing/traffic'
import { newOrder } from './new-order.ts'

const [CATALOG, INVENTORY, ORDERS] = ['/api/v1/catalog/products', '/api/v1/inventory/stock', '/api/v1/orders/orders']
const [PAYMENTS, METHODS] = ['/api/v1/payments/payments', '/api/v1/sandbox/payment-methods']

const CARD = { number: '4242424242424242', expiry: { month: 12, year: 2034 }, cvc: '123' }
const STOCK = 1_000_000
/**
 * The number of SKUs. All clients share one network, which may hold 20 unpaid orders of a SKU. This number is enough while a service is
 * unavailable for a few seconds.
 */
const SKUS = 10
/** Maximum milliseconds until an acknowledged order is captured. */
const CAPTURED_WITHIN = 120_000
/**
 * One of this many requests places a new order, because a small machine can't process more. The other requests repeat an earlier one, like
 * a client that lost the answer.
 */
const NEW_EVERY = 6

/**
 * Places orders, repeats requests with the same key, and reads orders. Each acknowledged order must be captured at its total. A repeated
 * request must get the same order with the same secret.
 */
export const traffic: OpenTraffic = async ({ ask }) => {
  const { productId, skus } = await newOffer(ask)
  const { id: paymentMethod } = (await ask(201, 'POST', METHODS, { body: CARD })).body
  const placed = new Map<string, { amount: number; secret: string; sent: Sent }>()
  const others: string[] = []
  let turn = 0
  const place = (): Sent => {
    const headers = { 'idempotency-key': randomUUID() }
    const body = newOrder({ productId, sku: any(skus), quantity: 1 }, paymentMethod)
    const sent: Sent = { method: 'POST', path: ORDERS, expected: [201], headers, body }
    return { ...sent, answered: ({ id, secret, total: { amount } }) => placed.set(id, { amount, secret, sent }) }
  }
  const repeat = (id: string): Sent => ({
    ...placed.get(id)!.sent,
    answered: order => {
      if (order.id !== id) others.push(`The repeated request for ${id} placed ${order.id}`)
      if (order.secret !== placed.get(id)!.secret) others.push(`The repeated request for ${id} got another secret`)
    }
  })
  const read = (id: string): Sent => {
    const headers = { 'order-secret': placed.get(id)!.secret }
    return { method: 'GET', path: `${ORDERS}/${id}`, expected: [200], headers }
  }
  const first = place()
  first.answered!((await ask(201, 'POST', ORDERS, first)).body)

  return {
    read: () => read(any([...placed.keys()])),
    write: () => (turn++ % NEW_EVERY === 0 ? place() : repeat(any([...placed.keys()]))),
    async check() {
      const limit = Date.now() + CAPTURED_WITHIN
      const findings = [...others]
      for (const [id, { amount }] of placed)
        await isCaptured(ask, id, amount, limit).catch(error => findings.push((error as Error).message))
      return findings
    }
  }
}

async function isCaptured(ask: Ask, id: string, amount: number, limit: number) {
  const state = async () => (await ask(200, 'GET', `${ORDERS}/${id}`, { as: 'staff' })).body.state
  await comesToBe(`the state of ${id}`, 'captured', state, limit - Date.now())
  const { body } = await ask(200, 'GET', `${PAYMENTS}/${id}`, { as: 'staff' })
  same(`the payment of ${id}`, ['captured', amount], [body.state, body.captured])
}

/** Adds a product with variants to the shop. Each variant gets more stock than the traffic orders. */
async function newOffer(ask: Ask): Promise<{ productId: string; skus: string[] }> {
  const handle = `load-${randomBytes(6).toString('hex')}`
  const kinds = Array.from({ length: SKUS }, (_, number) => `${number}`)
  const skus = kinds.map(kind => `${handle}-${kind}`.toUpperCase())
  const prices = [{ amount: 1_250, currency: 'EUR' }]
  const variants = skus.map((sku, number) => ({ sku, options: { Kind: kinds[number]! }, prices }))
  const body = { handle, title: 'Load', options: [{ name: 'Kind', values: kinds }], variants }
  const made = await ask(201, 'POST', CATALOG, { as: 'staff', body })
  await ask(200, 'POST', `${CATALOG}/${made.body.id}/publish`, { as: 'staff', headers: { 'if-match': made.etag } })
  const adjustment = { change: STOCK, reason: 'received' }
  for (const sku of skus) await ask(201, 'POST', `${INVENTORY}/${sku}/adjustments`, { as: 'staff', body: adjustment })
  return { productId: made.body.id, skus }
}
