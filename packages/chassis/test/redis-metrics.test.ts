import assert from 'node:assert/strict'
import { redisServer } from '@bulkhead/testing/redis-server'
import { silentLog } from '@bulkhead/testing/silent'
import type { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import { connectRedisStore } from '../src/redis/redis.ts'
import { measureRedisStore } from '../src/redis/redis-metrics.ts'

describe('the memory of a Redis store', () => {
  let server: Awaited<ReturnType<typeof redisServer>>
  let redis: Redis
  let registry: Registry
  beforeEach(async () => {
    server = await redisServer()
    redis = await connectRedisStore(server.url, silentLog)
    registry = new Registry()
    measureRedisStore(redis, registry)
  })
  afterEach(async () => {
    redis.disconnect()
    await server.stop()
  })

  async function figures() {
    const text = await registry.metrics()
    const figure = (name: string) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)![1])
    return { used: figure('bulkhead_store_bytes'), limit: figure('bulkhead_store_limit_bytes') }
  }

  it('is in the metrics with its limit', async () => {
    const before = await figures()
    assert.equal(before.limit, 0)
    await redis.set('large', 'x'.repeat(10_000_000))
    await server.fill()
    const { used, limit } = await figures()
    assert.ok(used > before.used + 10_000_000, `${before.used} became ${used}`)
    assert.equal(limit, 1)
  })

  it('keeps its last figures while the store is unavailable or hangs', async () => {
    await server.fill()
    const before = await figures()
    server.hang()
    assert.deepEqual(await figures(), before)
    await server.kill()
    assert.deepEqual(await figures(), before)
  })
})
