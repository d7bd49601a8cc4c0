import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { until } from '@bulkhead/testing/until'
import type { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import { pendingEvent, toCloudEvent } from '../src/contract/events.ts'
import { listDeadLetters } from '../src/events/dead-letters.ts'
import { type EventHandler, subscribe } from '../src/events/subscription.ts'
import { redisProblem } from '../src/redis/redis.ts'
import { groupsOf } from '../src/redis/streams.ts'
import { contractWith, counted, testLog, trace } from './counters.ts'

type Options = Parameters<typeof subscribe>[0]
type Subscription = ReturnType<typeof subscribe>

/**
 * Defines the hooks of a suite with its own event log, which is empty before each test. Returns functions to publish to the stream of
 * `counting` and to start consumers, which stop after each test.
 */
export function consumers() {
  let database: RedisDatabase
  const subscriptions: Subscription[] = []
  const log = () => database.redis

  before(async () => {
    database = await redisDatabase()
  })
  beforeEach(() => database.redis.flushdb())
  afterEach(() => Promise.all(subscriptions.splice(0).map(({ stop }) => stop())))
  after(() => database.close())

  /** Starts a consumer, by default of the service `adding`. */
  function subscribed(handlers: Options['handlers'], options: Partial<Options> = {}) {
    const registry = new Registry()
    const subscription = subscribe({
      redis: log(),
      service: 'adding',
      handlers,
      contract: contractWith(handlers),
      storeProblem: redisProblem,
      log: testLog,
      registry,
      ...options
    })
    subscriptions.push(subscription)
    return { ...subscription, registry }
  }

  const progress = async () => (await groupsOf(log(), 'events.counting')).find(({ group }) => group === 'adding')

  return {
    log: (): Redis => log(),
    url: () => database.url,
    publish(subject: string, type = counted) {
      const event = toCloudEvent('counting', subject, pendingEvent(type, 1, new Date(), trace))
      return log().xadd('events.counting', '*', 'event', JSON.stringify(event))
    },
    subscribed,
    /** Starts a consumer with a handler for `counted` only. */
    consume: (handler: EventHandler, limits: Options['limits'] = {}, service = 'adding') =>
      subscribed({ [counted.type]: handler }, { limits, service }),
    /** Returns the progress of the group `adding` on the stream. */
    progress,
    allAcknowledged: (most?: number) => until(async () => (await progress())?.lag === 0, most),
    dead: async () => (await listDeadLetters(log(), 'adding')).map(({ event, error }) => ({ event, error }))
  }
}
