import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newSecretId } from '@bulkhead/chassis/core'
import { bundled } from '@bulkhead/testing/bundled'
import * as callers from '@bulkhead/testing/callers'
import { httpServer } from '@bulkhead/testing/http-server'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { entryPoint } from '../packages/cli/src/bundling/bundle.ts'

const ROOT = join(import.meta.dirname, '..')
const PRODUCT = `prd_${'0'.repeat(26)}`
const SKU = 'HOT'
const LIMIT = 3
const { header: staff } = callers.staff()

type Asked = { network: string; cart?: string }

/** Runs orders and inventory as processes. One fake replaces the other services. It offers one product, and every payment stays pending. */
describe('orders and inventory', () => {
  let stores: [MongoDatabase, MongoDatabase, RedisDatabase]
  let others: Awaited<ReturnType<typeof httpServer>>
  let [ordersUrl, inventoryUrl] = ['', '']
  const tokens = mkdtempSync(join(tmpdir(), 'bulkhead-tokens-'))
  const running: ReturnType<typeof serviceProcess>[] = []

  before(async function () {
    this.timeout(60_000)
    for (const target of ['catalog', 'identity', 'inventory', 'payments'])
      writeFileSync(join(tokens, target), callers.service('orders', target).slice('Bearer '.length))
    stores = await Promise.all([mongoDatabase(), mongoDatabase(), redisDatabase()])
    others = await httpServer(({ url }, response) => {
      const price = { amount: 1_250, currency: 'EUR' }
      const variant = { options: {}, price, taxable: true, requiresShipping: true }
      const offer = { productId: PRODUCT, sku: SKU, title: 'Hot', variant }
      const body = url!.startsWith('/offers') ? { items: [offer] } : { state: 'pending' }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    const [{ url: first }, { url: second }, { url: log }] = stores
    const common = { EVENT_LOG_URL: log, SERVICE_TOKENS_DIR: tokens, CATALOG_URL: others.url, LOG_LEVEL: 'info' }
    inventoryUrl = await run('inventory', { ...common, MONGODB_URL: first, HOLDS_PER_NETWORK: String(LIMIT) })
    const targets = { IDENTITY_URL: others.url, INVENTORY_URL: inventoryUrl, PAYMENTS_URL: others.url }
    ordersUrl = await run('orders', { ...common, ...targets, MONGODB_URL: second })
    await request(inventoryUrl)
      .post(`/stock/${SKU}/adjustments`)
      .set('Authorization', staff)
      .send({ count: 1_000, reason: 'counted' })
      .expect(201)
  })
  after(async () => {
    for (const { stop, ended } of running) {
      stop('SIGKILL')
      await ended
    }
    await others.stop()
    await Promise.all(stores.map(store => store.close()))
    rmSync(tokens, { recursive: true })
  })

  async function run(name: string, environment: Record<string, string>) {
    const program = await bundled(join(ROOT, entryPoint(name)))
    const started = serviceProcess(program, environment)
    running.push(started)
    return started.ready()
  }

  /** Places a guest's order of one piece, and returns its ID. */
  async function place({ network, cart }: Asked): Promise<string> {
    const order = {
      lines: [{ productId: PRODUCT, sku: SKU, quantity: 1 }],
      currency: 'EUR',
      email: 'ada@example.com',
      deliveryAddress: { name: 'Ada', street: 'Weg 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
      shippingMethod: 'standard',
      paymentMethod: `pm_${'0'.repeat(26)}`,
      cart
    }
    const sending = request(ordersUrl).post('/orders').set('Idempotency-Key', randomUUID())
    return (await sending.set('X-Forwarded-For', network).send(order).expect(201)).body.id
  }

  /** Waits until an order has this state, and resolves with the order. */
  const comesTo = (id: string, state: string) =>
    until(async () => {
      const { body } = await request(ordersUrl).get(`/orders/${id}`).set('Authorization', staff).expect(200)
      return body.state === state && body
    })
  const cancel = (id: string) => request(ordersUrl).post(`/orders/${id}/cancel`).set('Authorization', staff).expect(200)
  const held = async () => (await request(inventoryUrl).get(`/stock/${SKU}`).set('Authorization', staff)).body.held

  it('hold one piece of an article for a cart, so that a newer order cancels the unpaid one with a reason', async () => {
    const asked = { network: '192.0.2.1', cart: newSecretId('crt') }
    const older = await place(asked)
    await comesTo(older, 'pending')
    const newer = await place(asked)
    await comesTo(newer, 'pending')
    const { reason } = await comesTo(older, 'cancelled')
    assert.equal(reason, `a newer order of yours for ${SKU} took its place`)
    assert.equal(await held(), 1)
    await cancel(newer)
    await until(async () => (await held()) === 0)
  }).timeout(60_000)

  it('limit how many pieces of an article one network can hold, without an effect on other networks', async () => {
    const full = { network: '192.0.2.1' }
    const first = await place(full)
    await comesTo(first, 'pending')
    for (let count = 1; count < LIMIT; count++) await comesTo(await place(full), 'pending')
    const { reason } = await comesTo(await place(full), 'rejected')
    assert.match(reason, /^too much of HOT is unpaid from your network: .* or try again in 15 min$/)
    await comesTo(await place({ network: '192.0.2.2' }), 'pending')
    assert.equal(await held(), LIMIT + 1)
    await cancel(first)
    await until(async () => (await held()) === LIMIT)
    await comesTo(await place(full), 'pending')
  }).timeout(60_000)
})
