import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineEvent, pendingEvent, toCloudEvent } from '@bulkhead/chassis/contract'
import { continueTrace, newId } from '@bulkhead/chassis/core'
import { customer } from '@bulkhead/testing/callers'
import { fakeService } from '@bulkhead/testing/fake-service'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { redisServer } from '@bulkhead/testing/redis-server'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { until } from '@bulkhead/testing/until'
import { identityNeeds } from '../src/clients/identity.ts'

const erased = defineEvent({ type: 'identity.customer.erased', summary: 'They are erased' })

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

  function run({ killAt = '', url = store.url } = {}) {
    const started = serviceProcess(join(import.meta.dirname, '../src/main.ts'), {
      REDIS_URL: url,
      EVENT_LOG_URL: log.url,
      SERVICE_TOKENS_DIR: tokens,
      CATALOG_URL: 'http://127.0.0.1:1',
      IDENTITY_URL: identity.url,
      ...(killAt && { KILL_AT: killAt })
    })
    running.push(started)
    return started
  }

  function publish(subject: string) {
    const pending = pendingEvent(erased, 2, new Date(), { traceparent: continueTrace(undefined) })
    const event = JSON.stringify(toCloudEvent('identity', subject, pending))
    return log.redis.xadd('events.identity', '*', 'event', event)
  }

  const post = (url: string, path: string, { header }: { header: string }, body?: object) =>
    fetch(url + path, {
      method: 'POST',
      headers: { authorization: header, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) })
    })

  async function filled(url: string, who: ReturnType<typeof customer>) {
    const { id } = (await (await post(url, '/carts', who)).json()) as { id: string }
    assert.equal((await post(url, `/carts/${id}/lines`, who, { productId: newId('prd'), sku: 'MUG' })).status, 200)
    return id
  }

  it('deletes their cart and no other, reports it, and makes no new one with a token that is still good', async () => {
    const url = await run().ready()
    const [gone, other] = [customer(), customer()]
    const [cart, others] = [await filled(url, gone), await filled(url, other)]
    await publish(gone.id)
    await until(() => identity.asked.length === 1)
    const [{ params, body, authorization }] = identity.asked as [(typeof identity.asked)[0]]
    assert.deepEqual([params.id, body, authorization], [gone.id, { outcome: 'deleted' }, 'Bearer token-of-cart'])
    const keys = await store.redis.keys(`*${gone.id}*`)
    assert.deepEqual([keys, await store.redis.keys(`*${cart}*`)], [[`{cart}:erased:${gone.id}`], []])
    assert.ok((await store.redis.pttl(keys[0]!)) > 900_000)
    assert.equal((await post(url, '/carts', gone)).status, 404)
    assert.equal((await post(url, '/carts', other)).status, 200)
    assert.equal((await store.redis.keys(`*${others}*`)).length, 2)
    const events = (await store.redis.xrange('{cart}:outbox', '-', '+')).map(([, [, event]]) => JSON.parse(event!))
    assert.deepEqual(
      events.filter(({ subject }) => subject === cart).map(({ type }) => type),
      ['cart.cart.created', 'cart.cart.deleted']
    )
  })

  it('reports it for a customer who has no cart, too', async () => {
    await run().ready()
    await publish(newId('cus'))
    await until(() => identity.asked.length === 1)
  })

  it('deletes their cart and reports it while the store is full', async () => {
    const full = await redisServer()
    const url = await run({ url: full.url }).ready()
    const who = customer()
    const id = await filled(url, who)
    await full.fill()
    await publish(who.id)
    await until(() => identity.asked.length === 1)
    const { status } = await fetch(`${url}/carts/${id}`, { headers: { authorization: who.header } })
    assert.equal(status, 404)
    await full.makeRoom()
    assert.equal((await post(url, '/carts', who)).status, 404)
    await full.stop()
  })

  it('reports it when identity is back', async () => {
    const url = await run().ready()
    const who = customer()
    await filled(url, who)
    identity.fail('reportErasure', 503)
    await publish(who.id)
    await until(() => identity.asked.length >= 2)
    identity.answer('reportErasure', () => ({ status: 204 }))
    const asked = identity.asked.length
    await until(() => identity.asked.length > asked)
    assert.equal(await log.redis.xlen('events.cart.dead'), 0)
  })

  it('does so once more, to the same end, when it is killed before the event is acknowledged', async () => {
    const killed = run({ killAt: 'after-effect-before-acknowledge' })
    const who = customer()
    await filled(await killed.ready(), who)
    await publish(who.id)
    await killed.ended
    assert.equal(identity.asked.length, 1)
    assert.deepEqual(await store.redis.keys(`*:of:${who.id}`), [])
    // Another replica takes it over when the dead one has been idle for a while: here its entry is read anew at once.
    await log.redis.xgroup('SETID', 'events.identity', 'cart', '0')
    await run().ready()
    await until(() => identity.asked.length === 2)
  })
})
