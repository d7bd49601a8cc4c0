import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { connectRedis } from '@bulkhead/chassis/redis'
import { customer, staff } from '@bulkhead/testing/callers'
import { redisPair } from '@bulkhead/testing/redis-pair'
import { recordingLog, silentLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import type { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import request from 'supertest'
import { networkOf } from '../src/limits/clients.ts'
import { type LeaseTokens, type Rate, tokenLeases } from '../src/limits/leases.ts'
import { type RateLimiter, rateLimiters } from '../src/limits/limiter.ts'
import { startGateway, stubService } from './helper.ts'
import { operations } from './operations.ts'

const { header: STAFF } = staff()
const CUSTOMER = customer()

describe('a rate limiter', () => {
  let redis: Redis
  let lease: LeaseTokens

  before(async () => {
    redis = connectRedis(process.env.TEST_REDIS_URL!, 'test', silentLog)
    await new Promise(resolve => redis.once('ready', resolve))
    lease = tokenLeases(redis, silentLog)
  })
  after(() => redis.disconnect())

  const limiter = (rate: Rate, leaseTokens: LeaseTokens, registry = new Registry()) =>
    rateLimiters(leaseTokens, registry)('client', rate)
  const passed = (verdicts: number[]) => verdicts.filter(verdict => verdict === 0).length
  const metricOf = async (registry: Registry, name: string) =>
    (await registry.getSingleMetric(`bulkhead_rate_limit_${name}`)!.get()).values[0]!.value

  it('lets two replicas together send as many requests as the limit allows', async () => {
    const key = randomUUID()
    const rate = { perSecond: 50, burst: 100 }
    const registries = [new Registry(), new Registry()]
    const [one, other] = registries.map(registry => limiter(rate, lease, registry)) as [RateLimiter, RateLimiter]
    const start = performance.now()
    let through = 0
    for (let round = 0; round < 100; round++) {
      through += passed(await Promise.all([one, other].flatMap(({ take }) => [take(key), take(key), take(key)])))
    }
    const seconds = (performance.now() - start) / 1000
    // On a busy machine Redis may be late now and then.
    const open = await Promise.all(registries.map(registry => metricOf(registry, 'open_total')))
    const limited = through - open[0]! - open[1]!
    assert.ok(through >= rate.burst - 10, `${through} of ${rate.burst}`)
    assert.ok(limited <= rate.burst + rate.perSecond * seconds, `${limited} in ${seconds} s`)
    assert.ok(limited < 600)
  })

  it('leases tokens again after a fail-over of Redis behind one address', async () => {
    const pair = await redisPair()
    const store = connectRedis(pair.url, 'store', silentLog)
    await new Promise(resolve => store.once('ready', resolve))
    const leaseFrom = tokenLeases(store, silentLog)
    const rate = { perSecond: 1, burst: 10 }
    assert.equal(await leaseFrom('key', 4, rate), 4)
    await pair.failOver()
    const granted = await until(() => leaseFrom('key', 20, rate).catch(() => undefined))
    // The new primary knows of the tokens that the old one granted. A few may have come since.
    assert.ok(granted !== undefined && granted < 10, `${granted} tokens`)
    store.disconnect()
    await pair.stop()
  })

  it('lets a burst pass with two round trips', async () => {
    const asked: number[] = []
    let tokens = 200
    const { take } = limiter({ perSecond: 100, burst: 200 }, async (_key, wanted) => {
      const granted = Math.min(wanted, tokens)
      tokens -= granted
      asked.push(wanted)
      return granted
    })
    const verdicts = await Promise.all(Array.from({ length: 500 }, () => take('a')))
    assert.equal(passed(verdicts), 200)
    assert.deepEqual(asked, [10, 490])
  })

  it('refills a bucket, and removes the bucket of a quiet client', async () => {
    const key = randomUUID()
    const rate = { perSecond: 1_000, burst: 2 }
    assert.equal(await lease(key, 5, rate), 2)
    while ((await lease(key, 2, rate)) === 0);
    const left = await redis.pttl(key)
    assert.ok(left > 0 && left <= 1_002)
  })

  it('lets requests pass, counts them and logs one line while Redis is unavailable', async () => {
    const registry = new Registry()
    const { log, lines } = recordingLog()
    const away = connectRedis('redis://127.0.0.1:1', 'test', silentLog)
    const { take } = limiter({ perSecond: 1, burst: 1 }, tokenLeases(away, log), registry)
    for (let asked = 0; asked < 5; asked++) assert.equal(await take('a'), 0)
    assert.equal(await metricOf(registry, 'open_total'), 5)
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['Rate limits are off: Redis grants no leases']
    )
    away.disconnect()
  })

  it('waits briefly for a late Redis, and asks Redis only once while it is late', async () => {
    const registry = new Registry()
    let asked = 0
    const { take } = limiter({ perSecond: 1, burst: 1 }, () => new Promise(() => asked++), registry)
    assert.equal(await take('a'), 0)
    assert.equal(await take('a'), 0)
    assert.equal(asked, 1)
    assert.equal(await metricOf(registry, 'open_total'), 2)
  })

  it('keeps no more than 10,000 buckets', async () => {
    const registry = new Registry()
    const { take } = limiter({ perSecond: 10, burst: 20 }, async (_key, asked) => asked, registry)
    for (let client = 0; client < 10_050; client++) await take(String(client))
    assert.equal(await metricOf(registry, 'buckets'), 10_000)
  })

  for (const [address, network] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:a:b:1:2:3:4', '2001:db8:a:b'],
    ['2001:DB8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0']
  ] as const) {
    it(`counts a client at ${address} as ${network}`, () => assert.equal(networkOf(address), network))
  }
})

describe('the rate limits of the gateway', () => {
  let things: Awaited<ReturnType<typeof stubService>>
  let made: Awaited<ReturnType<typeof startGateway>>
  /** The keys that have already got tokens. Each key gets two tokens, only once. */
  let given: Set<string>
  const twice: LeaseTokens = async key => (given.has(key) ? 0 : given.add(key) && 2)

  beforeEach(async () => {
    given = new Set()
    things = await stubService(operations)
  })
  afterEach(async () => {
    await made.close()
    await things.stop()
  })

  const start = async (trustedProxies = '0') => {
    const config = { RATE_LIMIT_CLIENT: '1', RATE_LIMIT_ACCOUNT: '1', TRUSTED_PROXIES: trustedProxies }
    made = await startGateway({ things: things.stub.url }, { lease: twice, config })
  }
  const ask = (headers: Record<string, string> = {}) => request(made.app).get('/api/v1/things/things/1').set(headers)

  it('answer 429 with the time to try again for an address over its limit', async () => {
    await start()
    await ask().expect(200)
    await ask().expect(200)
    const { body, headers } = await ask({ Authorization: STAFF, 'X-Forwarded-For': '192.0.2.9' }).expect(429)
    assert.equal(body.type, 'urn:bulkhead:problem:too-many-requests')
    assert.equal(headers['retry-after'], '1')
    assert.equal(headers.ratelimit, '"client";r=0;t=1')
    assert.equal(headers['ratelimit-policy'], '"client";q=2;w=2')
    assert.ok(headers['x-request-id'])
    assert.deepEqual([...given], ['rate:client:127.0.0.1'])
    assert.equal(things.seen.length, 2)
  })

  it('answer 429 for an account over its limit, from any address', async () => {
    await start('1')
    const from = (address: string) => ask({ Authorization: CUSTOMER.header, 'X-Forwarded-For': address })
    await from('192.0.2.1').expect(200)
    await from('192.0.2.2').expect(200)
    const { headers } = await from('192.0.2.3').expect(429)
    assert.match(headers.ratelimit!, /^"account";/)
    assert.ok(given.has(`rate:account:${CUSTOMER.id}`))
  })

  it('count the address that the trusted proxy saw, not the one that the client sent', async () => {
    await start('1')
    for (const claimed of ['1.1.1.1', '2.2.2.2']) await ask({ 'X-Forwarded-For': `${claimed}, 192.0.2.1` }).expect(200)
    await ask({ 'X-Forwarded-For': '3.3.3.3, 192.0.2.1' }).expect(429)
    await ask({ 'X-Forwarded-For': '192.0.2.2' }).expect(200)
  })
})
