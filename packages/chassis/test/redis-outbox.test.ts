import assert from 'node:assert/strict'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { connect, redisServer } from '@bulkhead/testing/redis-server'
import { until } from '@bulkhead/testing/until'
import type { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import { type Counters, countingLog, redisCounters } from './counters.ts'

describe('redisOutbox', () => {
  let database: RedisDatabase
  let redis: Redis
  let later: number
  let registry: Registry
  let replicas: Counters[]

  before(async () => {
    database = await redisDatabase()
    redis = database.redis
  })
  beforeEach(async () => {
    later = 0
    registry = new Registry()
    replicas = []
    await redis.flushdb()
  })
  afterEach(() => Promise.all(replicas.map(({ stop }) => stop())))
  after(() => database.close())

  function replica(cap?: number) {
    const clock = { now: () => new Date(Date.now() + later) }
    const counters = redisCounters(redis, countingLog(redis), { clock, registry, ...(cap && { cap }) })
    replicas.push(counters)
    registry = new Registry()
    return counters
  }

  const logged = async () =>
    (await redis.xrange('events.counting', '-', '+')).map(([, [, event]]) => JSON.parse(event!))
  const hasLogged = (count: number) => until(async () => (await logged()).length === count)

  it('publishes each event once while two replicas run', async () => {
    const [one, other] = [replica(), replica()]
    await Promise.all([one.start(), other.start()])
    for (let turn = 0; turn < 20; turn++) await (turn % 2 ? one : other).count('a')
    await hasLogged(20)
    const events = await logged()
    assert.deepEqual(
      events.map(({ data }) => data.version),
      Array.from({ length: 20 }, (_, index) => index + 1)
    )
    assert.equal(new Set(events.map(({ id }) => id)).size, 20)
    assert.deepEqual(
      { ...events[0], id: '', time: '' },
      {
        specversion: '1.0',
        id: '',
        source: '/counting',
        type: 'counting.counter.counted',
        subject: 'a',
        time: '',
        datacontenttype: 'application/json',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        data: { version: 1 }
      }
    )
  })

  it('lets another replica publish at once when the publishing replica stops', async () => {
    const [one, other] = [replica(), replica()]
    one.start()
    await one.count('a')
    await hasLogged(1)
    other.start()
    await one.stop()
    await other.count('a')
    await hasLogged(2)
  })

  it('throws a 503 and changes nothing while the outbox is full of unsent events', async () => {
    const counters = replica(3)
    for (let turn = 0; turn < 3; turn++) await counters.count('a')
    await assert.rejects(counters.count('a'), { name: 'Problem', status: 503 })
    assert.deepEqual(await counters.versions(), new Map([['a', 3]]))
    counters.start()
    await hasLogged(3)
    await until(() => counters.count('a').catch(() => false))
    await hasLogged(4)
  })

  for (const [title, run] of [
    [
      'keeps sent events of a full outbox after a restart of the log, which may have lost them, and throws a 503',
      async () => 'another'
    ],
    [
      'keeps sent events of a full outbox while the log is unavailable, and throws a 503',
      () => Promise.reject(new Error('away'))
    ]
  ] as const) {
    it(title, async () => {
      const publishing = replica(3)
      for (let turn = 0; turn < 3; turn++) await publishing.count('a')
      await publishing.stop()
      await hasLogged(3)
      const afterwards = redisCounters(redis, { ...countingLog(redis), run }, { cap: 3 })
      await assert.rejects(afterwards.count('a'), { name: 'Problem', status: 503 })
      assert.equal(await redis.xlen('{counting}:outbox'), 3)
      assert.deepEqual(await afterwards.versions(), new Map([['a', 3]]))
      assert.equal(await publishing.count('a'), 4)
    })
  }

  it('keeps a sent event for ten minutes, and an unsent event for ever', async () => {
    const counters = replica()
    await counters.count('a')
    counters.start()
    await hasLogged(1)
    later = 9 * 60_000
    await counters.count('a')
    await hasLogged(2)
    assert.equal(await redis.xlen('{counting}:outbox'), 2)
    later = 11 * 60_000
    await counters.count('a')
    await until(async () => (await redis.xlen('{counting}:outbox')) === 1)
  })

  it('publishes, marks and drops events while its store is full', async () => {
    const store = await redisServer()
    const own = connect(store.url)
    const clock = { now: () => new Date(Date.now() + later) }
    const counters = redisCounters(own, countingLog(redis), { clock })
    for (let turn = 0; turn < 3; turn++) await counters.count('a')
    await store.fill()
    await assert.rejects(counters.count('a'), /^ReplyError: OOM/)
    later = 11 * 60_000
    counters.start()
    await hasLogged(3)
    await until(() => counters.allSent())
    await until(async () => (await own.xlen('{counting}:outbox')) <= 1)
    await counters.stop()
    own.disconnect()
    await store.stop()
  })

  it('publishes the waiting events before it stops', async () => {
    const counters = replica()
    await counters.count('a')
    await counters.stop()
    await hasLogged(1)
  })

  it('measures the waiting events', async () => {
    const mine = registry
    const counters = replica()
    await counters.count('a')
    counters.start()
    await hasLogged(1)
    await until(async () => (await mine.metrics()).includes('bulkhead_outbox_depth 0\n'))
  })
})
