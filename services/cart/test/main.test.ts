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

  const run = (store: string) =>
    serviceProcess(join(import.meta.dirname, '../src/main.ts'), {
      ...{ REDIS_URL: store, EVENT_LOG_URL: database.url },
      ...{ CATALOG_URL: 'http://127.0.0.1:1', IDENTITY_URL: 'http://127.0.0.1:1', SERVICE_TOKENS_DIR: '/none' }
    })

  it('is ready when its store answers, and ends with code 0 at SIGTERM', async () => {
    const { ready, stop, ended, lines } = run(database.url)
    await ready()
    stop()
    assert.deepEqual(await ended, [0, null])
    assert.deepEqual(
      lines()
        .filter(({ level }) => level === 'info')
        .map(({ msg }) => msg),
      ['ready', 'draining', 'stopped']
    )
  })

  it('publishes what it wrote', async () => {
    const { ready, stop, ended } = run(database.url)
    const { id } = (await (await fetch(`${await ready()}/carts`, { method: 'POST' })).json()) as { id: string }
    stop()
    await ended
    const entries = await database.redis.xrange('events.cart', '-', '+')
    const events = entries.map(([, [, event]]) => JSON.parse(event!)).filter(({ subject }) => subject === id)
    assert.deepEqual(
      events.map(({ type, data }) => [type, data.version]),
      [['cart.cart.created', 1]]
    )
  })

  it('does not start while its store is away', async () => {
    const store = await redisServer()
    await store.kill()
    const { ended } = run(store.url)
    assert.equal((await ended)[0], 1)
    await store.stop()
  })
})
