import type { Redis } from 'ioredis'
import type { Db } from 'mongodb'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { type CloudEvent, defineEvent } from '../src/contract/events.ts'
import type { Clock } from '../src/core/clock.ts'
import type { FaultPoint } from '../src/core/fault-points.ts'
import { type EventLog, eventLog } from '../src/events/event-log.ts'
import { redisOutbox } from '../src/events/redis-outbox.ts'
import { aggregates } from '../src/mongo/aggregates.ts'
import { once } from '../src/mongo/once.ts'
import { mongoOutbox } from '../src/mongo/outbox.ts'

export const clock: Clock = { now: () => new Date() }
export const testLog = pino({ level: process.env.LOG_LEVEL ?? 'silent' })
export const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
export const counted = defineEvent({ type: 'counting.counter.counted', summary: 'A counter was counted up' })
export const removed = defineEvent({ type: 'counting.counter.removed', summary: 'A counter was removed' })

/** Returns the contract of a service with these handlers, without the parts that its consumer does not read. */
export const contractWith = (handlers: object) => ({ handles: Object.keys(handlers) })

/**
 * A service that counts, and publishes an event for each count, on MongoDB or Redis. `versions` returns the version of each counter, which
 * is also the number of its events.
 */
export type Counters = {
  count(id: string): Promise<number>
  versions(): Promise<Map<string, number>>
  /** Returns whether all events in the outbox are marked as published. */
  allSent(): Promise<boolean>
  start(): void | Promise<void>
  stop(): Promise<void>
}

type Options = { passFaultPoint?: FaultPoint; cap?: number; registry?: Registry; clock?: Clock; times?: typeof TIMES }

/** Opens the event log of the service `counting` on a Redis. */
export const countingLog = (redis: Redis, cap?: number) =>
  eventLog({ redis, service: 'counting', clock, registry: new Registry(), ...(cap && { cap }) })

/** The times of the outboxes of tests (ms). */
export const TIMES = { sweep: 100, grace: 250, lease: 1_000, keep: 600_000 }
const service = 'counting'

function mongoOutboxFor(db: Db, eventLog: EventLog, options: Options = {}) {
  return mongoOutbox({
    service,
    db,
    eventLog,
    clock,
    log: testLog,
    registry: new Registry(),
    times: TIMES,
    ...options
  })
}

export function mongoCounters(
  db: Db,
  eventLog: EventLog,
  options: Options = {}
): Counters & { remove(id: string): Promise<void> } {
  const outbox = mongoOutboxFor(db, eventLog, options)
  const counters = aggregates<{ id: string }>({
    db,
    collection: 'counters',
    schemaVersion: 1,
    outbox,
    clock,
    ...options
  })
  return {
    start: outbox.start,
    stop: outbox.stop,
    async count(id) {
      if (!(await counters.byId(id))) return (await counters.insert({ id }, [counted], trace)).version
      return (await counters.change(id, undefined, state => ({ state, events: [counted] }), trace)).version
    },
    remove: id => counters.remove(id, undefined, [removed], trace),
    async versions() {
      return new Map((await counters.find({}).toArray()).map(({ id, version }) => [id, version]))
    },
    async allSent() {
      const unsent = { outbox: { $elemMatch: { run: { $exists: false } } } }
      return (await db.collection('counters').countDocuments(unsent)) === 0
    }
  }
}

export function redisCounters(redis: Redis, eventLog: EventLog, options: Options = {}): Counters {
  const tag = '{counting}'
  const registry = new Registry()
  const outbox = redisOutbox({
    service,
    redis,
    tag,
    eventLog,
    clock,
    log: testLog,
    registry,
    times: TIMES,
    ...options
  })
  const count = outbox.script<number>(
    'count',
    `local version = redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
     outbox_append(ARGV[2], version)
     return version`
  )
  return {
    start: outbox.start,
    stop: outbox.stop,
    count: id => count([`${tag}:counters`], [id, outbox.event(counted, id, trace)]),
    async versions() {
      const counters = await redis.hgetall(`${tag}:counters`)
      return new Map(Object.entries(counters).map(([id, version]) => [id, Number(version)]))
    },
    async allSent() {
      const [newest] = await redis.xrevrange(`${tag}:outbox`, '+', '-', 'COUNT', 1)
      return newest?.[0] === (await redis.hget(`${tag}:outbox:cursor`, 'id'))
    }
  }
}

/** The effects of events that a consumer has handled: for each counter, the versions in its events, each version once. */
export type Effects = {
  handle(event: CloudEvent): Promise<void>
  all(): Promise<Map<string, number[]>>
}

export function mongoEffects(db: Db, eventLog: EventLog): Effects {
  const outbox = mongoOutboxFor(db, eventLog)
  type Effect = { id: string; versions: number[]; handled?: string[] }
  const effects = aggregates<Effect>({ db, collection: 'effects', schemaVersion: 1, outbox, clock })
  return {
    async handle(event) {
      const id = event.subject
      await effects.insert({ id, versions: [] }, [], trace).catch(isThere)
      const add = (state: Effect) => ({
        state: { ...state, versions: [...state.versions, event.data.version] },
        events: []
      })
      await effects.change(id, undefined, state => once(state, event, add), trace)
    },
    async all() {
      return new Map((await effects.find({}).toArray()).map(({ id, versions }) => [id, versions.sort((a, b) => a - b)]))
    }
  }
}

function isThere(error: { code?: number }) {
  if (error.code !== 11000) throw error
}

export function redisEffects(redis: Redis): Effects {
  const script = `
    if redis.call('SADD', KEYS[1], ARGV[1]) == 0 then return end
    redis.call('RPUSH', KEYS[2], ARGV[2])`
  const key = (subject: string) => `{effects}:${subject}`
  return {
    async handle({ id, subject, data }) {
      await redis.eval(script, 2, `{effects}:handled`, key(subject), id, data.version)
    },
    async all() {
      const keys = (await redis.keys('{effects}:*')).filter(key => key !== '{effects}:handled')
      const versions = await Promise.all(keys.map(key => redis.lrange(key, 0, -1)))
      return new Map(
        keys.map((key, index) => [key.slice('{effects}:'.length), versions[index]!.map(Number).sort((a, b) => a - b)])
      )
    }
  }
}
