import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { tcpProxy } from '@bulkhead/testing/tcp-proxy'
import { until } from '@bulkhead/testing/until'
import type { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import { type EventHandler, subscribe } from '../src/consumer.ts'
import { listDead, replayDead } from '../src/dead-letters.ts'
import { defineEvent, pendingEvent, toCloudEvent } from '../src/events.ts'
import { unavailable } from '../src/problem.ts'
import { connectRedisStore, redisProblem } from '../src/redis.ts'
import { groupsOf } from '../src/streams.ts'
import { contractWith, counted, logger, redisEffects, removed, trace } from './counters.ts'
import { type Replica, replica } from './replica.ts'

/** Milliseconds: three processes start one after the other, which takes long on a busy machine. */
const STARTS_PROCESSES = 60_000

type Subscription = ReturnType<typeof subscribe>
type Limits = NonNullable<Parameters<typeof subscribe>[0]['limits']>

describe('subscribe', () => {
  let url: string
  let database: RedisDatabase
  let redis: Redis
  let subscriptions: Subscription[]
  let registry: Registry

  before(async () => {
    database = await redisDatabase()
    url = database.url
    redis = database.redis
  })
  beforeEach(async () => {
    subscriptions = []
    registry = new Registry()
    await redis.flushdb()
  })
  afterEach(() => Promise.all(subscriptions.map(({ stop }) => stop())))
  after(() => database.close())

  const publish = (subject: string, type = counted) => {
    const event = toCloudEvent('counting', subject, pendingEvent(type, 1, new Date(), trace))
    return redis.xadd('events.counting', '*', 'event', JSON.stringify(event))
  }

  function consume(handler: EventHandler, limits: Limits = {}, service = 'adding') {
    const handlers = { [counted.type]: handler }
    const subscription = subscribe({
      redis,
      service,
      handlers,
      contract: contractWith(handlers),
      storeProblem: redisProblem,
      logger,
      registry,
      limits
    })
    subscriptions.push(subscription)
    registry = new Registry()
    return subscription
  }

  const progress = async () => (await groupsOf(redis, 'events.counting')).find(({ group }) => group === 'adding')
  const allAcknowledged = (most?: number) => until(async () => (await progress())?.lag === 0, most)
  const dead = async () => (await listDead(redis, 'adding')).map(({ event, error }) => ({ event, error }))

  for (const [handles, told] of [
    [[counted.type, removed.type], `${removed.type} has no handler`],
    [[], `${counted.type} is not among its handles`]
  ] as const) {
    it(`starts nothing where ${told.replace(/^\S+ /, 'one ')}`, () => {
      const handlers = { [counted.type]: async () => undefined }
      const options = { redis, service: 'adding', handlers, contract: { handles: [...handles] } }
      assert.throws(
        () => subscribe({ ...options, storeProblem: redisProblem, logger, registry }),
        new Error(`The events handled are not those of contract.json (make generate writes it): ${told}`)
      )
    })
  }

  it('gives each event to one of two replicas, with its context', async () => {
    const seen: string[] = []
    const handler: EventHandler = async (event, { requestId, traceparent, deadline }) => {
      assert.deepEqual({ requestId, traceparent }, { requestId: event.id, ...trace })
      assert.ok(deadline > Date.now())
      seen.push(event.subject)
    }
    consume(handler)
    consume(handler)
    const subjects = Array.from({ length: 100 }, (_, index) => `counter-${index}`)
    for (const subject of subjects) await publish(subject)
    await allAcknowledged()
    assert.deepEqual(seen.sort(), subjects.sort())
  })

  it('handles 16 at once at most', async () => {
    let now = 0
    let most = 0
    for (let turn = 0; turn < 60; turn++) await publish('a')
    consume(async () => {
      most = Math.max(most, ++now)
      await setTimeout(5)
      now--
    })
    await allAcknowledged()
    assert.equal(most, 16)
  })

  it('acknowledges and counts what it has no handler for', async () => {
    const mine = registry
    consume(async () => undefined)
    await publish('a', removed)
    await allAcknowledged()
    assert.match(await mine.metrics(), /bulkhead_events_consumed_total\{stream="events.counting",outcome="ignored"\} 1/)
  })

  it('puts an event that keeps failing among the dead letters, and handles the others', async () => {
    const attempts: string[] = []
    consume(async ({ subject }) => {
      attempts.push(subject)
      if (subject === 'poison') throw new Error('cannot be')
    })
    for (const subject of ['a', 'poison', 'b']) await publish(subject)
    await allAcknowledged()
    assert.deepEqual(attempts.sort(), ['a', 'b', ...Array(5).fill('poison')])
    const [letter, ...others] = await listDead(redis, 'adding')
    assert.deepEqual(others, [])
    assert.equal(JSON.parse(letter!.event).subject, 'poison')
    assert.equal(letter!.error, 'Error: cannot be')
    assert.equal(letter!.stream, 'events.counting')
    assert.match(letter!.entry, /^\d+-\d+$/)
    assert.ok(Date.now() - Date.parse(letter!.at) < 10_000)
  })

  it('does not count a 503 against an event', async () => {
    let attempts = 0
    consume(async () => {
      if (++attempts < 7) throw unavailable('The store')
    })
    await publish('a')
    await allAcknowledged()
    assert.equal(attempts, 7)
    assert.deepEqual(await dead(), [])
  })

  it('does not count it either while the store of its handlers is away, whatever the driver calls that', async () => {
    const way = await tcpProxy(url)
    const store = await connectRedisStore(way.url, logger)
    const effects = redisEffects(store)
    let attempts = 0
    way.cut()
    consume(
      event => {
        attempts++
        return effects.handle(event)
      },
      { attempts: 2 }
    )
    await publish('a')
    await until(() => attempts > 4)
    assert.deepEqual(await dead(), [])
    way.mend()
    await allAcknowledged()
    assert.deepEqual([...(await effects.all())], [['a', [1]]])
    assert.deepEqual(await dead(), [])
    store.disconnect()
    way.close()
  })

  it('handles the events of one publisher while all of those of another wait for something that is away', async () => {
    const seen: string[] = []
    const other = defineEvent({ type: 'other.thing.done', summary: 'A thing was done' })
    const handlers = {
      [counted.type]: () => Promise.reject(unavailable('The publisher')),
      [other.type]: async ({ subject }: { subject: string }) => void seen.push(subject)
    }
    const limits = { stop: 100 }
    subscriptions.push(
      subscribe({
        redis,
        service: 'adding',
        handlers,
        contract: contractWith(handlers),
        storeProblem: redisProblem,
        logger,
        registry,
        limits
      })
    )
    for (let turn = 0; turn < 100; turn++) await publish('a')
    await until(async () => ((await progress())?.pending ?? 0) >= 16)
    const event = toCloudEvent('other', 'b', pendingEvent(other, 1, new Date(), trace))
    await redis.xadd('events.other', '*', 'event', JSON.stringify(event))
    await until(() => seen.includes('b'))
  })

  it('handles at once what comes to a stream that was quiet for longer than a command may take', async () => {
    const seen: string[] = []
    consume(async ({ subject }) => void seen.push(subject))
    const waits = new RegExp(`idle=[2-4] .* db=${redis.options.db} .* cmd=xreadgroup`) // for twice the limit of a command
    await until(async () => waits.test(String(await redis.client('LIST'))))
    await publish('a')
    await until(() => seen.includes('a'))
  })

  it('ends an attempt that takes too long', async () => {
    let attempts = 0
    consume(() => (++attempts === 1 ? new Promise(() => undefined) : Promise.resolve()), { handling: 50 })
    await publish('a')
    await allAcknowledged()
    assert.equal(attempts, 2)
  })

  for (const [what, fields] of Object.entries({
    'no JSON': ['event', '{'],
    'no CloudEvent': ['event', '{"specversion":"1.0"}'],
    'no event at all': ['other', 'x']
  })) {
    it(`puts what is ${what} among the dead letters`, async () => {
      consume(async () => undefined)
      await redis.xadd('events.counting', '*', ...fields)
      await allAcknowledged()
      const [letter] = await dead()
      assert.equal(letter!.event, fields[0] === 'event' ? fields[1] : '{"other":"x"}')
      assert.match(letter!.error, /^Not a CloudEvent/)
    })
  }

  it('leaves what fails pending when the dead letters are at their bound, and comes back to it', async () => {
    consume(() => Promise.reject(new Error('cannot be')), { attempts: 1, deadLetters: 1, idle: 200 })
    await publish('a')
    await until(async () => (await dead()).length === 1)
    await publish('b')
    await until(async () => (await progress())?.pending === 1)
    await redis.del('events.adding.dead')
    await until(async () => (await dead()).length === 1)
    await allAcknowledged()
  })

  it('replays dead letters to the service that could not handle them, and to no other', async () => {
    const seen: string[] = []
    let works = false
    consume(
      async ({ subject }) => {
        if (!works) throw new Error('cannot be')
        seen.push(`adding ${subject}`)
      },
      { attempts: 1 }
    )
    consume(async ({ subject }) => void seen.push(`other ${subject}`), {}, 'other')
    for (const subject of ['a', 'b']) await publish(subject)
    await until(async () => (await dead()).length === 2)
    works = true
    const [first] = await listDead(redis, 'adding')
    assert.equal(await replayDead(redis, 'adding', [first!.id]), 1)
    await until(() => seen.includes('adding a'))
    assert.equal(await replayDead(redis, 'adding'), 1)
    await until(() => seen.includes('adding b'))
    assert.deepEqual(seen.sort(), ['adding a', 'adding b', 'other a', 'other b'])
    assert.deepEqual(await dead(), [])
  })

  it('is not robbed of an event it handles for longer than the idle limit', async () => {
    const seen: string[] = []
    const slowly =
      (name: string): EventHandler =>
      async () => {
        seen.push(name)
        await setTimeout(1_000)
      }
    consume(slowly('one'), { idle: 150 })
    consume(slowly('other'), { idle: 150 })
    await publish('a')
    await allAcknowledged()
    assert.equal(seen.length, 1)
  })

  it('finishes what runs when it is stopped, and hands on what it could not finish', async () => {
    const seen: string[] = []
    const begun = new Set<string>()
    const released = Promise.withResolvers<void>()
    const first = consume(
      async ({ subject }) => {
        begun.add(subject)
        if (subject === 'stuck') throw unavailable('The store')
        await released.promise
        seen.push(`first ${subject}`)
      },
      { concurrency: 2 }
    )
    for (const subject of ['a', 'stuck', 'waiting']) await publish(subject)
    await until(async () => begun.size === 2 && (await progress())?.pending === 3)
    const stopped = first.stop()
    released.resolve()
    await stopped
    consume(async ({ subject }) => void seen.push(`second ${subject}`))
    await allAcknowledged()
    assert.deepEqual(seen.sort(), ['first a', 'second stuck', 'second waiting'])
  })

  it('stops at once though the log is away', async () => {
    const way = await tcpProxy(url)
    const through = await connectRedisStore(way.url, logger)
    try {
      for (let turn = 0; turn < 3; turn++) {
        const handlers = { [counted.type]: async () => undefined }
        const contract = contractWith(handlers)
        const options = { redis: through, service: 'adding', handlers, contract, storeProblem: redisProblem }
        const subscription = subscribe({ ...options, logger, registry: new Registry() })
        await until(async () => (await progress()) !== undefined)
        way.cut()
        // One of these moments is between two attempts to connect again.
        await setTimeout(turn * 150 + 50)
        await subscription.stop()
        way.mend()
        await until(async () => through.status === 'ready')
      }
    } finally {
      through.disconnect()
      way.close()
    }
  }).timeout(20_000)

  it('puts an event that kills its process among the dead letters, and has the effect of all others', async function () {
    this.timeout(STARTS_PROCESSES)
    const environment = { STORE_URL: url, EVENT_LOG_URL: url }
    let current: Replica | undefined
    let deaths = -1
    let ended = false
    const supervisor = (async () => {
      for (; !ended; deaths++) {
        current = await replica('subscriber.ts', environment)
        await current.ended
      }
    })()
    for (const subject of ['a', 'b', 'poison', 'c', 'd']) await publish(subject)
    await allAcknowledged(STARTS_PROCESSES / 2)
    ended = true
    await current!.stop()
    await supervisor
    assert.deepEqual(
      (await dead()).map(({ event }) => JSON.parse(event).subject),
      ['poison']
    )
    assert.equal(deaths, 2)
    assert.deepEqual((await redis.keys('{effects}:?')).sort(), [
      '{effects}:a',
      '{effects}:b',
      '{effects}:c',
      '{effects}:d'
    ])
    for (const subject of ['a', 'b', 'c', 'd'])
      assert.deepEqual(await redis.lrange(`{effects}:${subject}`, 0, -1), ['1'])
  })
})
