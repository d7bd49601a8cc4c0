import assert from 'node:assert/strict'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { connect, redisServer } from '@bulkhead/testing/redis-server'
import { until } from '@bulkhead/testing/until'
import type { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import { cloudEvent } from '../src/contract/events.ts'
import { unavailable } from '../src/core/problem.ts'
import { subscribe } from '../src/events/subscription.ts'
import {
  type Counters,
  contractWith,
  countingLog,
  type Effects,
  mongoCounters,
  redisCounters,
  redisEffects,
  testLog
} from './counters.ts'

describe('events, when a store becomes unavailable', () => {
  let database: MongoDatabase
  let store: RedisDatabase
  let logServer: Awaited<ReturnType<typeof redisServer>>
  let log: Redis
  let running: { stop(): Promise<void> }[]

  before(async () => {
    database = await mongoDatabase()
    store = await redisDatabase()
    logServer = await redisServer()
    log = connect(logServer.url)
  })
  beforeEach(async () => {
    running = []
    await Promise.all([database.db.dropDatabase(), store.redis.flushdb(), log.flushall()])
  })
  afterEach(() => Promise.all(running.map(({ stop }) => stop())))
  after(async () => {
    log.disconnect()
    await Promise.all([database.close(), store.close(), logServer.stop()])
  })

  async function publisher(
    kind: 'mongodb' | 'redis',
    options: { outbox?: number; log?: number } = {}
  ): Promise<Counters> {
    const to = countingLog(log, options.log)
    const cap = { ...(options.outbox && { cap: options.outbox }) }
    const counters = kind === 'mongodb' ? mongoCounters(database.db, to, cap) : redisCounters(store.redis, to, cap)
    await counters.start()
    running.push(counters)
    return counters
  }

  function consumer(handle: Effects['handle'] = effects().handle) {
    const handlers = { 'counting.counter.counted': handle }
    const registry = new Registry()
    const subscription = subscribe({
      redis: log,
      service: 'adding',
      handlers,
      contract: contractWith(handlers),
      storeProblem,
      log: testLog,
      registry
    })
    running.push(subscription)
    return subscription
  }

  const effects = () => redisEffects(store.redis)
  const count = async (counters: Counters, times: number, id = 'a') => {
    for (let turn = 0; turn < times; turn++) await counters.count(id)
  }
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)
  const logged = async () => {
    const entries = await log.xrange('events.counting', '-', '+')
    return new Set(entries.map(([, fields]) => cloudEvent.parse(JSON.parse(fields[1]!)).data.version))
  }
  const hasLogged = (last: number) => until(async () => (await logged()).size === last)
  const hasEffects = async (last: number, id = 'a') => {
    await until(async () => (await effects().all()).get(id)?.length === last)
    assert.deepEqual((await effects().all()).get(id), upTo(last))
  }
  const storeProblem = (error: unknown) => error
  const is503 = { name: 'Problem', status: 503 }

  for (const kind of ['mongodb', 'redis'] as const) {
    it(`publishes events from ${kind} again if the log has lost them`, async () => {
      const counters = await publisher(kind)
      await count(counters, 3)
      await hasLogged(3)
      logServer.keep()
      await count(counters, 3)
      await hasLogged(6)
      await logServer.loseTail()
      await hasLogged(6)
    })

    it(`fills an empty log again from ${kind}, and each event has its effect once`, async () => {
      const counters = await publisher(kind)
      consumer()
      await count(counters, 5)
      await hasEffects(5)
      await logServer.loseAll()
      await count(counters, 2)
      await hasEffects(7)
    })

    it(`accepts changes on ${kind} until the outbox is full while the log is unavailable, and then publishes`, async () => {
      const counters = await publisher(kind, { outbox: 4 })
      await logServer.kill()
      await count(counters, 4)
      await assert.rejects(counters.count('a'), is503)
      await logServer.start()
      await hasLogged(4)
      await until(() => counters.count('a').catch(() => false))
      await hasLogged(5)
    })
  }

  it('stops publishing at the cap, and continues when the slow consumer has caught up', async () => {
    const counters = await publisher('mongodb', { log: 10, outbox: 40 })
    let slow = true
    consumer(async event => {
      if (slow) throw unavailable('The store')
      await effects().handle(event)
    })
    await until(async () => (await log.exists('events.counting')) === 1)
    await count(counters, 10)
    await hasLogged(10)
    await count(counters, 15)
    assert.equal(await log.xlen('events.counting'), 10)
    slow = false
    await hasEffects(25)
  })

  it('keeps all events while the store of the consumer is unavailable, and handles them afterwards', async () => {
    const own = await redisServer()
    const ownStore = connect(own.url)
    const stored = redisEffects(ownStore)
    const counters = await publisher('mongodb')
    const unavailableWhenAway = (error: Error) => Promise.reject(unavailable('The store', 1, error))
    const subscription = consumer(event => stored.handle(event).catch(unavailableWhenAway))
    await count(counters, 3)
    await until(async () => (await stored.all()).get('a')?.length === 3)
    await own.kill()
    await count(counters, 5)
    await hasPending(5)
    await own.start()
    await until(async () => (await stored.all()).get('a')?.length === 8)
    assert.deepEqual((await stored.all()).get('a'), upTo(8))
    assert.equal(await log.exists('events.adding.dead'), 0)
    await subscription.stop()
    ownStore.disconnect()
    await own.stop()
  })

  const hasPending = (pending: number) =>
    until(async () => {
      const [group] = (await log.xinfo('GROUPS', 'events.counting')) as unknown[][]
      return group?.[group.indexOf('pending') + 1] === pending
    })
})
