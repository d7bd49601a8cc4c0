import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { redisServer } from '@bulkhead/testing/redis-server'
import { serviceProcess } from '@bulkhead/testing/service-process'

describe('the process of cart', () => {
  let database: RedisDatabase
  before(async () => {
    database = await redisDatabase()
  })
  after(() => database.close())

  const run = (storeUrl: string) =>
    serviceProcess(join(import.meta.dirname, '../src/main.ts'), {
      REDIS_URL: storeUrl,
      EVENT_LOG_URL: database.url,
      CATALOG_URL: 'http://127.0.0.1:1',
      IDENTITY_URL: 'http://127.0.0.1:1',
      SERVICE_TOKENS_DIR: '/none'
    })

  it('is ready when its store answers, and ends with code 0 at SIGTERM', async () => {
    const { ready, stop, ended, lines } = run(database.url)
    await ready()
    stop()
    const [code, signal] = await ended
    assert.deepEqual({ code, signal }, { code: 0, signal: null })
    const infos = lines().filter(({ level }) => level === 'info')
    assert.deepEqual(
      infos.map(({ msg }) => msg),
      ['ready', 'draining', 'stopped']
    )
  })

  it('publishes the events that it wrote', async () => {
    const { ready, stop, ended } = run(database.url)
    const { id } = (await (await fetch(`${await ready()}/carts`, { method: 'POST' })).json()) as { id: string }
    stop()
    await ended
    const entries = await database.redis.xrange('events.cart', '-', '+')
    const events = entries.map(([, [, event]]) => JSON.parse(event!)).filter(({ subject }) => subject === id)
    assert.deepEqual(
      events.map(({ type, data }) => ({ type, version: data.version })),
      [{ type: 'cart.cart.created', version: 1 }]
    )
  })

  it('does not start while its store is unavailable', async () => {
    const store = await redisServer()
    await store.kill()
    const { ended } = run(store.url)
    const [code] = await ended
    assert.equal(code, 1)
    await store.stop()
  })
})
