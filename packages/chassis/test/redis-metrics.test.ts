import assert from 'node:assert/strict'
import { redisServer } from '@bulkhead/testing/redis-server'
import { silentLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import type { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import { connectRedisStore } from '../src/redis/redis.ts'
import { measureRedisStore } from '../src/redis/redis-metrics.ts'

describe('the metrics of a Redis store', () => {
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

  it('have its memory with its limit', async () => {
    const before = await figures()
    assert.equal(before.limit, 0)
    await redis.set('large', 'x'.repeat(10_000_000))
    await server.fill()
    const { used, limit } = await figures()
    assert.ok(used > before.used + 10_000_000, `${before.used} became ${used}`)
    assert.equal(limit, 1)
  })

  it('keep its memory while it is unavailable or hangs', async () => {
    await server.fill()
    const before = await figures()
    server.hang()
    assert.deepEqual(await figures(), before)
    await server.kill()
    assert.deepEqual(await figures(), before)
  })

  /** Returns the value of a sample in a scrape. */
  async function sample(name: string) {
    const line = (await registry.metrics()).split('\n').find(each => each.startsWith(`${name} `))
    return line === undefined ? undefined : Number(line.slice(name.length))
  }

  it('say whether it answers', async () => {
    const up = 'bulkhead_store_up{store="redis"}'
    assert.equal(await sample(up), 1)
    server.hang()
    assert.equal(await sample(up), 0)
    await server.kill()
    assert.equal(await sample(up), 0)
    await server.start()
    await until(async () => (await sample(up)) === 1)
  })

  it('count its commands by their outcome, from 0 on', async () => {
    const count = (outcome: string) =>
      sample(`bulkhead_store_command_duration_seconds_count{store="redis",command="incr",outcome="${outcome}"}`)
    assert.equal(await count('ok'), undefined)
    await redis.incr('number')
    assert.deepEqual({ ok: await count('ok'), error: await count('error') }, { ok: 1, error: 0 })
    await redis.pipeline().set('text', 'a').incr('text').incr('number').exec()
    assert.deepEqual({ ok: await count('ok'), error: await count('error') }, { ok: 2, error: 1 })
  })
})
