import { randomBytes, randomUUID } from 'node:crypto'
import type { Ask } from '@bulkhead/testing/story'
import type { ClusterShop } from '../../packages/cli/src/cluster/shop.ts'
import { askGateway } from '../../packages/cli/src/smoke/ask.ts'
import type { Sent } from './load.ts'

/** What is sent to one service: reads, writes, and afterwards what its books have not of what was acknowledged. */
export type Traffic = { read: () => Sent; write: () => Sent; check: () => Promise<string[]> }

type Shop = Pick<ClusterShop, 'tokens'> & { ask: Ask }

const CATALOG = '/api/v1/catalog/products'
const CARTS = '/api/v1/cart/carts'
const IDENTITY = '/api/v1/identity'
const INVENTORY = '/api/v1/inventory/stock'
const ORDERS = '/api/v1/orders/orders'
const PAYMENTS = '/api/v1/payments/payments'
const METHODS = '/api/v1/sandbox/payment-methods'

const CARD = { number: '4242424242424242', expiry: { month: 12, year: 2034 }, cvc: '123' }
const STOCK = 1_000_000
const CART_COUNT = 40
/** Fewer than an account may have. */
const SESSION_COUNT = 16
const SKU_COUNT = 10
/** IDs in one batch read. */
const BATCH = 50
/** Milliseconds in which an acknowledged order comes to its end. */
const CAPTURED_WITHIN = 120_000

/** By service, on paths that use it. */
export const trafficOf: Record<string, (shop: Shop) => Promise<Traffic>> = {
  catalog: catalogTraffic,
  cart: cartTraffic,
  identity: identityTraffic,
  inventory: inventoryTraffic,
  orders: shop => orderTraffic(shop, id => ({ path: `${ORDERS}/${id}` })),
  payments: shop =>
    orderTraffic(shop, id => ({ path: `${PAYMENTS}/${id}`, token: shop.tokens.staff, expected: [200, 404] })),
  sandbox: sandboxTraffic,
  gateway: gatewayTraffic
}

export const openTraffic = (service: string, shop: ClusterShop) => {
  const open = trafficOf[service]
  if (!open) throw new Error(`there is no traffic for ${service} in test/cluster/traffic.ts`)
  return open({ tokens: shop.tokens, ask: askGateway(shop) })
}

const any = <T>(all: T[]): T => all[Math.floor(Math.random() * all.length)]!

/** Products are made, and read. */
async function catalogTraffic({ ask, tokens: { staff } }: Shop): Promise<Traffic> {
  const run = randomBytes(4).toString('hex')
  const made: string[] = []
  let count = 0
  const newProduct = () => ({ handle: `load-${run}-${count++}`, title: 'Load' })
  made.push((await ask(201, 'POST', CATALOG, { as: 'staff', body: newProduct() })).body.id)
  return {
    read: () => ({ method: 'GET', path: `${CATALOG}/${any(made)}`, token: staff, expected: [200] }),
    write: () => ({
      ...{ method: 'POST', path: CATALOG, token: staff, body: newProduct(), expected: [201] },
      answered: ({ id }) => made.push(id)
    }),
    async check() {
      const lost = new Set(made)
      for (let from = 0; from < made.length; from += BATCH) {
        const ids = made.slice(from, from + BATCH).join(',')
        const { body } = await ask(200, 'GET', `${CATALOG}?ids=${ids}`, { as: 'staff' })
        for (const { id } of body.items) lost.delete(id)
      }
      return lost.size > 0 ? [`${lost.size} of ${made.length} acknowledged products are not there`] : []
    }
  }
}

/** Pieces go into carts of guests, which are shown. */
async function cartTraffic({ ask }: Shop): Promise<Traffic> {
  const { productId, sku } = await newOffer(ask)
  const carts = new Map<string, number>()
  for (let count = 0; count < CART_COUNT; count++) carts.set((await ask(201, 'POST', CARTS)).body.id, 0)
  const ids = [...carts.keys()]
  return {
    read: () => ({ method: 'GET', path: `${CARTS}/${any(ids)}?currency=EUR`, expected: [200] }),
    write() {
      const id = any(ids)
      const answered = () => carts.set(id, carts.get(id)! + 1)
      return { method: 'POST', path: `${CARTS}/${id}/lines`, body: { productId, sku }, expected: [200], answered }
    },
    async check() {
      const findings: string[] = []
      for (const [id, acknowledged] of carts) {
        const { body } = await ask(200, 'GET', `${CARTS}/${id}?currency=EUR`)
        const quantity = body.lines[0]?.quantity ?? 0
        if (quantity !== acknowledged) findings.push(`${id} has ${quantity} pieces, ${acknowledged} were acknowledged`)
      }
      return findings
    }
  }
}

/** Sessions are renewed, each by one at a time; accounts are read. */
async function identityTraffic({ ask, tokens: { staff } }: Shop): Promise<Traffic> {
  const idle: { accessToken: string; refreshToken: string }[] = []
  const [email, password] = [
    `load-${randomBytes(6).toString('hex')}@example.com`,
    randomBytes(12).toString('base64url')
  ]
  const begun = await ask(202, 'POST', `${IDENTITY}/registrations`, { body: { email, password } })
  const path = `${IDENTITY}/registrations/${begun.body.id}`
  const { code } = (await ask(200, 'GET', path, { as: 'staff' })).body
  const { id } = (await ask(200, 'PUT', `${path}/confirmation`, { body: { code } })).body
  for (let count = 0; count < SESSION_COUNT; count++)
    idle.push((await ask(201, 'POST', `${IDENTITY}/sessions`, { body: { email, password, refresh: 'body' } })).body)
  return {
    read: () => ({ method: 'GET', path: `${IDENTITY}/customers/${id}`, token: staff, expected: [200] }),
    write() {
      const session = idle.shift()
      if (!session) return { method: 'GET', path: `${IDENTITY}/customers/${id}`, token: staff, expected: [200] }
      const body = { refreshToken: session.refreshToken }
      const answered = (renewed: typeof session) => idle.push(renewed)
      return { method: 'POST', path: `${IDENTITY}/sessions/refresh`, body, expected: [200], answered }
    },
    async check() {
      const findings = idle.length < SESSION_COUNT ? [`${SESSION_COUNT - idle.length} sessions were not renewed`] : []
      for (const { refreshToken } of idle)
        await ask(200, 'POST', `${IDENTITY}/sessions/refresh`, { body: { refreshToken } }).catch(error =>
          findings.push(`An acknowledged session is not good: ${(error as Error).message}`)
        )
      return findings
    }
  }
}

/** Stock is received piece by piece, and read. */
async function inventoryTraffic({ ask, tokens: { staff } }: Shop): Promise<Traffic> {
  const run = randomBytes(4).toString('hex')
  const stock = new Map<string, number>()
  const received = { change: 1, reason: 'received' }
  for (let count = 0; count < SKU_COUNT; count++) {
    const sku = `LOAD-${run}-${count}`
    await ask(201, 'POST', `${INVENTORY}/${sku}/adjustments`, { as: 'staff', body: received })
    stock.set(sku, 1)
  }
  const skus = [...stock.keys()]
  return {
    read: () => ({ method: 'GET', path: `${INVENTORY}/${any(skus)}`, expected: [200] }),
    write() {
      const sku = any(skus)
      const answered = () => stock.set(sku, stock.get(sku)! + 1)
      const path = `${INVENTORY}/${sku}/adjustments`
      return { method: 'POST', path, token: staff, body: received, expected: [201], answered }
    },
    async check() {
      const findings: string[] = []
      for (const [sku, acknowledged] of stock) {
        const { available } = (await ask(200, 'GET', `${INVENTORY}/${sku}`)).body
        if (available !== acknowledged)
          findings.push(`${sku}: ${available} in stock, ${acknowledged} were acknowledged`)
      }
      return findings
    }
  }
}

/** Orders are placed, and read in one way or another. Each that was acknowledged must be captured, at its own total. */
async function orderTraffic({ ask }: Shop, readOf: (id: string) => Partial<Sent> & { path: string }): Promise<Traffic> {
  const offer = await newOffer(ask)
  await ask(201, 'POST', `${INVENTORY}/${offer.sku}/adjustments`, {
    as: 'staff',
    body: { change: STOCK, reason: 'received' }
  })
  const { id: paymentMethod } = (await ask(201, 'POST', METHODS, { body: CARD })).body
  const placed = new Map<string, { amount: number }>()
  const write = (): Sent => ({
    ...{ method: 'POST', path: ORDERS, expected: [201], headers: { 'idempotency-key': randomUUID() } },
    body: {
      ...{ lines: [{ ...offer, quantity: 1 }], currency: 'EUR', email: 'ada@example.com', paymentMethod },
      ...{ shippingMethod: 'standard', deliveryAddress: ADDRESS }
    },
    answered: ({ id, total }) => placed.set(id, total)
  })
  const first = (await ask(201, 'POST', ORDERS, write())).body
  placed.set(first.id, first.total)

  async function problemOf(id: string, total: { amount: number }, limit: number): Promise<string | undefined> {
    for (;;) {
      const { state } = (await ask(200, 'GET', `${ORDERS}/${id}`)).body
      if (state === 'captured') break
      if (Date.now() > limit) return `${id} was acknowledged and is ${state}`
      await new Promise(resolve => setTimeout(resolve, 500))
    }
    const { body } = await ask(200, 'GET', `${PAYMENTS}/${id}`, { as: 'staff' })
    const { state, captured } = body
    const amount = typeof captured === 'object' ? captured.amount : captured
    return state === 'captured' && amount === total.amount
      ? undefined
      : `${id}: ${state}, ${amount} captured of ${total.amount}`
  }

  return {
    read: () => ({ method: 'GET', expected: [200], ...readOf(any([...placed.keys()])) }),
    write,
    async check() {
      const limit = Date.now() + CAPTURED_WITHIN
      const findings: string[] = []
      for (const [id, total] of placed) {
        const problem = await problemOf(id, total, limit)
        if (problem) findings.push(problem)
      }
      return findings
    }
  }
}

/** Cards are registered with the provider, and orders are paid with it. */
async function sandboxTraffic(shop: Shop): Promise<Traffic> {
  const orders = await orderTraffic(shop, id => ({ path: `${ORDERS}/${id}` }))
  const methods = [(await shop.ask(201, 'POST', METHODS, { body: CARD })).body.id as string]
  let turn = 0
  const register = (): Sent => ({
    ...{ method: 'POST', path: METHODS, body: CARD, expected: [201] },
    answered: ({ id }) => methods.push(id)
  })
  return {
    read: () => ({ method: 'GET', path: `${METHODS}/${any(methods)}`, expected: [200] }),
    write: () => (turn++ % 2 === 0 ? orders.write() : register()),
    async check() {
      const findings = await orders.check()
      for (const id of methods)
        await shop.ask(200, 'GET', `${METHODS}/${id}`).catch(error => findings.push((error as Error).message))
      return findings
    }
  }
}

/** All of it in turns, for the gateway is on every way. */
async function gatewayTraffic(shop: Shop): Promise<Traffic> {
  const all = await Promise.all(
    [catalogTraffic, cartTraffic, inventoryTraffic, trafficOf.orders!].map(open => open(shop))
  )
  let turn = 0
  const next = () => all[turn++ % all.length]!
  return {
    read: () => next().read(),
    write: () => next().write(),
    check: async () => (await Promise.all(all.map(({ check }) => check()))).flat()
  }
}

const ADDRESS = { name: 'Ada', street: 'Weg 1', city: 'Berlin', postalCode: '10115', country: 'DE' }

/** A product in the shop, of one variant. */
async function newOffer(ask: Ask): Promise<{ productId: string; sku: string }> {
  const handle = `load-${randomBytes(6).toString('hex')}`
  const sku = handle.toUpperCase()
  const variants = [{ sku, options: { Kind: 'one' }, prices: [{ amount: 1_250, currency: 'EUR' }] }]
  const body = { handle, title: 'Load', options: [{ name: 'Kind', values: ['one'] }], variants }
  const made = await ask(201, 'POST', CATALOG, { as: 'staff', body })
  await ask(200, 'POST', `${CATALOG}/${made.body.id}/publish`, { as: 'staff', headers: { 'if-match': made.etag } })
  return { productId: made.body.id, sku }
}
