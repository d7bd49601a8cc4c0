import assert from 'node:assert/strict'
import { redisPair } from '@bulkhead/testing/redis-pair'
import { silentLog as log } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import type { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import { cloudEvent, pendingEvent, toCloudEvent } from '../src/contract/events.ts'
import { Problem } from '../src/core/problem.ts'
import { subscribe } from '../src/events/subscription.ts'
import { connectRedis, connectRedisStore, redisProblem } from '../src/redis/redis.ts'
import { redisLease } from '../src/redis/redis-lease.ts'
import { groupsOf } from '../src/redis/streams.ts'
import { contractWith, counted, countingLog, redisCounters, trace } from './counters.ts'

/** How long a test waits for the recovery. It is far shorter than the demoted server needs to load its data. */
const RECOVERY_MS = 20_000

describe('a fail-over of Redis behind one address', function () {
  this.timeout(60_000)
  let pair: Awaited<ReturnType<typeof redisPair>>
  let redis: Redis
  let running: { stop(): Promise<void> }[]

  beforeEach(async () => {
    running = []
    pair = await redisPair()
    redis = await connectRedisStore(pair.url, log)
  })
  afterEach(async () => {
    await Promise.all(running.map(({ stop }) => stop()))
    redis.disconnect()
    await pair.stop()
  })

  /** Tries a command until it succeeds. Each failure before must be a 503. */
  const untilAnswered = (command: () => Promise<unknown>) =>
    until(
      () =>
        command().then(
          () => true,
          error => assert503(redisProblem(error))
        ),
      RECOVERY_MS
    )

  function assert503(problem: unknown) {
    assert.ok(problem instanceof Problem && problem.status === 503, String(problem))
    return false
  }

  const eventOf = ([, fields]: [string, string[]]) => cloudEvent.parse(JSON.parse(fields[1]!))

  it('gives a store back its writes, alone and in a transaction', async () => {
    await redis.set('key', 'before')
    await pair.failOver()
    await untilAnswered(() => redis.set('key', 'after'))
    await untilAnswered(() => redis.multi().set('key', 'last').exec())
    assert.equal(await pair.second.get('key'), 'last')
  })

  it('gives a store back its commands while the demoted server loads its data', async () => {
    await redis.set('key', 'before')
    await pair.failOverWithSlowLoad()
    await untilAnswered(() => redis.get('key'))
    await untilAnswered(() => redis.set('key', 'after'))
    assert.equal(await pair.second.get('key'), 'after')
  })

  it('gives a lease back', async () => {
    const lease = redisLease(redis, '{lease}', 60_000)
    assert.equal(await lease.hold(), true)
    await pair.failOver()
    await untilAnswered(() => lease.hold())
  })

  it('publishes what the outbox of a store received before and after it', async () => {
    const eventLog = await redisPair()
    const logRedis = connectRedis(eventLog.url, 'event log', log)
    const counters = redisCounters(redis, countingLog(logRedis))
    await counters.start()
    await counters.count('a')
    await until(counters.allSent)
    await pair.failOver()
    await untilAnswered(() => counters.count('a'))
    // The replication to the demoted server ends, so that the new event is only in the new primary.
    await pair.first.replicaof('127.0.0.1', 1)
    await counters.count('a')
    const versions = async () => (await eventLog.first.xrange('events.counting', '-', '+')).map(eventOf)
    await until(async () => (await versions()).some(({ data }) => data.version === 3), RECOVERY_MS)
    await counters.stop()
    logRedis.disconnect()
    await eventLog.stop()
  })

  it('does not end publishing to the event log', async () => {
    const store = await redisPair()
    const storeRedis = await connectRedisStore(store.url, log)
    const counters = redisCounters(storeRedis, countingLog(redis))
    await counters.start()
    await counters.count('a')
    await until(counters.allSent)
    await pair.failOver()
    await counters.count('a')
    const versions = async () => (await pair.second.xrange('events.counting', '-', '+')).map(eventOf)
    await until(async () => (await versions()).some(({ data }) => data.version === 2), RECOVERY_MS)
    await counters.stop()
    storeRedis.disconnect()
    await store.stop()
  })

  it('does not end the reading of events and their acknowledgement', async () => {
    const handled = new Set<string>()
    const handlers = { [counted.type]: async ({ subject }: { subject: string }) => void handled.add(subject) }
    const contract = contractWith(handlers)
    const registry = new Registry()
    running.push(subscribe({ redis, service: 'adding', handlers, contract, storeProblem: redisProblem, log, registry }))
    const publish = (to: Redis, subject: string) => {
      const event = toCloudEvent('counting', subject, pendingEvent(counted, 1, new Date(), trace))
      return to.xadd('events.counting', '*', 'event', JSON.stringify(event))
    }
    await publish(pair.first, 'before')
    await until(() => handled.has('before'))
    await pair.failOver()
    await publish(pair.second, 'after')
    await until(() => handled.has('after'), RECOVERY_MS)
    await until(async () => (await groupsOf(pair.second, 'events.counting'))[0]?.lag === 0, RECOVERY_MS)
  })
})
