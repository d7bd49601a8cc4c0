import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineEvent, pendingEvent, toCloudEvent } from '@bulkhead/chassis/contract'
import { continueTrace, newId } from '@bulkhead/chassis/core'
import { customer } from '@bulkhead/testing/callers'
import { fakeService } from '@bulkhead/testing/fake-service'
import { type RedisDatabase, redisDatabase, waitingEvents } from '@bulkhead/testing/redis-database'
import { redisServer } from '@bulkhead/testing/redis-server'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { until } from '@bulkhead/testing/until'
import { TAG } from '../src/carts/keys.ts'
import { identityNeeds } from '../src/clients/identity.ts'

const erased = defineEvent({ type: 'identity.customer.erased', summary: 'A customer was erased' })

describe('cart, when a customer is erased', () => {
  let store: RedisDatabase
  let log: RedisDatabase
  let identity: Awaited<ReturnType<typeof fakeService<typeof identityNeeds.operations>>>
  const tokens = mkdtempSync(join(tmpdir(), 'bulkhead-cart-'))
  const running: ReturnType<typeof serviceProcess>[] = []

  before(() => {
    for (const target of ['identity', 'catalog']) writeFileSync(join(tokens, target), 'token-of-cart')
  })
  beforeEach(async () => {
    store = await redisDatabase()
    log = await redisDatabase()
    identity = await fakeService(identityNeeds)
    identity.answer('reportErasure', () => ({ status: 204 }))
  })
  afterEach(async () => {
    for (const { stop, ended } of running.splice(0)) {
      stop('SIGKILL')
      await ended
    }
    await Promise.all([store.close(), log.close(), identity.stop()])
  })
  after(() => rmSync(tokens, { recursive: true }))

  function run({ killAt, url = store.url }: { killAt?: string; url?: string } = {}) {
    const environment: Record<string, string> = {
      REDIS_URL: url,
      EVENT_LOG_URL: log.url,
      SERVICE_TOKENS_DIR: tokens,
      CATALOG_URL: 'http://127.0.0.1:1',
      IDENTITY_URL: identity.url
    }
    if (killAt) environment.KILL_AT = killAt
    const started = serviceProcess(join(import.meta.dirname, '../src/main.ts'), environment)
    running.push(started)
    return started
  }

  function publishErasure(subject: string) {
    const pending = pendingEvent(erased, 2, new Date(), { traceparent: continueTrace(undefined) })
    const event = JSON.stringify(toCloudEvent('identity', subject, pending))
    return log.redis.xadd('events.identity', '*', 'event', event)
  }

  const waitForReports = (count: number) => until(() => identity.asked.length >= count)

  const post = (url: string, path: string, { header }: { header: string }, body?: object) =>
    fetch(url + path, {
      method: 'POST',
      headers: { authorization: header, 'content-type': 'application/json' },
      body: body ? JSON.stringify(body) : null
    })

  /** Creates a customer's cart with a line and returns its ID. */
  async function filledCart(url: string, owner: ReturnType<typeof customer>) {
    const { id } = (await (await post(url, '/carts', owner)).json()) as { id: string }
    assert.equal((await post(url, `/carts/${id}/lines`, owner, { productId: newId('prd'), sku: 'MUG' })).status, 200)
    return id
  }

  async function eventTypes(cart: string) {
    const events = await waitingEvents(store.redis, TAG, cart)
    return events.map(([type]) => type)
  }

  it("deletes only the customer's cart, reports the erasure, and creates no new cart for a token that is still valid", async () => {
    const url = await run().ready()
    const [gone, other] = [customer(), customer()]
    const cart = await filledCart(url, gone)
    const otherCart = await filledCart(url, other)
    await publishErasure(gone.id)
    await until(() => identity.asked.length === 1)
    const [{ params, body, authorization }] = identity.asked as [(typeof identity.asked)[0]]
    assert.deepEqual(
      { id: params.id, body, authorization },
      { id: gone.id, body: { outcome: 'deleted' }, authorization: 'Bearer token-of-cart' }
    )
    const mark = `{cart}:erased:${gone.id}`
    assert.deepEqual(await store.redis.keys(`*${gone.id}*`), [mark])
    assert.deepEqual(await store.redis.keys(`*${cart}*`), [])
    assert.ok((await store.redis.pttl(mark)) > 900_000)
    assert.equal((await post(url, '/carts', gone)).status, 404)
    assert.equal((await post(url, '/carts', other)).status, 200)
    assert.equal((await store.redis.keys(`*${otherCart}*`)).length, 2)
    assert.deepEqual(await eventTypes(cart), ['cart.cart.created', 'cart.cart.deleted'])
  })

  it('reports the erasure of a customer without a cart', async () => {
    await run().ready()
    await publishErasure(newId('cus'))
    await until(() => identity.asked.length === 1)
  })

  it("deletes the customer's cart and reports the erasure while the store is full", async () => {
    const full = await redisServer()
    const url = await run({ url: full.url }).ready()
    const owner = customer()
    const id = await filledCart(url, owner)
    await full.fill()
    await publishErasure(owner.id)
    await until(() => identity.asked.length === 1)
    const { status } = await fetch(`${url}/carts/${id}`, { headers: { authorization: owner.header } })
    assert.equal(status, 404)
    await full.makeRoom()
    assert.equal((await post(url, '/carts', owner)).status, 404)
    await full.stop()
  })

  it('reports the erasure when identity is available again', async () => {
    const url = await run().ready()
    const owner = customer()
    await filledCart(url, owner)
    identity.fail('reportErasure', 503)
    await publishErasure(owner.id)
    await waitForReports(2)
    identity.answer('reportErasure', () => ({ status: 204 }))
    await waitForReports(identity.asked.length + 1)
    assert.equal(await log.redis.xlen('events.cart.dead'), 0)
  })

  it('reports the erasure once more after a kill before the event is acknowledged', async () => {
    const killed = run({ killAt: 'after-effect-before-acknowledge' })
    const owner = customer()
    await filledCart(await killed.ready(), owner)
    await publishErasure(owner.id)
    await killed.ended
    assert.equal(identity.asked.length, 1)
    assert.deepEqual(await store.redis.keys(`*:of:${owner.id}`), [])
    // Another replica takes over after a while. The test makes that replica read the event at once.
    await log.redis.xgroup('SETID', 'events.identity', 'cart', '0')
    await run().ready()
    await until(() => identity.asked.length === 2)
  })
})
