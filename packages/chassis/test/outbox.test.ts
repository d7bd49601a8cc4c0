import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { silentEventLog } from '@bulkhead/testing/silent'
import { PATIENCE, until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import { pendingEvent } from '../src/contract/events.ts'
import type { EventLog } from '../src/events/event-log.ts'
import type { AggregateDocument, OutboxEntry } from '../src/mongo/aggregate-document.ts'
import { counted, countingLog, mongoCounters, TIMES, trace } from './counters.ts'

/** An event log that never answers. */
const stuckLog: EventLog = { ...silentEventLog, append: () => new Promise(() => undefined) }

/** An event log that refuses all events. */
const failingLog: EventLog = { ...silentEventLog, append: () => Promise.reject(new Error('full')) }

describe('mongoOutbox', () => {
  let database: MongoDatabase
  let log: RedisDatabase
  let later: number
  let registry: Registry
  let counters: ReturnType<typeof mongoCounters>

  before(async () => {
    database = await mongoDatabase()
    log = await redisDatabase()
  })
  beforeEach(async () => {
    later = 0
    registry = new Registry()
    await Promise.all([database.db.dropDatabase(), log.redis.flushdb()])
    const clock = { now: () => new Date(Date.now() + later) }
    counters = mongoCounters(database.db, countingLog(log.redis), { clock, registry })
  })
  afterEach(() => counters.stop())
  after(() => Promise.all([database.close(), log.close()]))

  const stored = (id: string) => database.db.collection<AggregateDocument>('counters').findOne({ _id: id })
  const outbox = async (id: string) => (await stored(id))?.outbox ?? []
  const isSent = (id: string, within = PATIENCE) =>
    until(async () => (await outbox(id)).every(({ run }) => run), within)
  const minutes = (count: number) => count * 60_000

  it('publishes an event once, marks it with the run of the log, and does not change the version', async () => {
    await counters.start()
    await counters.count('a')
    await counters.count('a')
    await isSent('a')
    const { version, outbox } = (await stored('a'))!
    const run = /run_id:(\w+)/.exec(await log.redis.info('server'))![1]
    assert.equal(version, 2)
    assert.deepEqual(
      outbox!.map(entry => entry.run),
      [run, run]
    )
    assert.equal(await log.redis.xlen('events.counting'), 2)
  })

  it('marks only the events that it has published, even if others were stored meanwhile', async () => {
    const published = countingLog(log.redis)
    const others = mongoCounters(database.db, stuckLog)
    const append: EventLog['append'] = async events => {
      if (events.some(({ subject }) => subject === 'changed')) await others.count('changed')
      return published.append(events)
    }
    const publisher = mongoCounters(database.db, { ...published, append })
    await Promise.all([publisher.count('changed'), publisher.count('alone')])
    const before = [await outbox('changed'), await outbox('alone')]
    await publisher.stop()
    const [changed, alone] = [await outbox('changed'), await outbox('alone')]
    assert.deepEqual(
      changed.map(({ run }) => run !== undefined),
      [true, false]
    )
    const unmarked = ({ sentAt, run, ...entry }: OutboxEntry) => entry
    assert.deepEqual([changed.slice(0, 1), alone].flat().map(unmarked), before.flat())
    assert.ok(alone[0]!.run && alone[0]!.sentAt)
  })

  it('keeps a sent event for ten minutes', async () => {
    await counters.start()
    await counters.count('a')
    await isSent('a')
    later = minutes(9)
    await counters.count('a')
    await isSent('a')
    assert.deepEqual(
      (await outbox('a')).map(({ version }) => version),
      [1, 2]
    )
    later = minutes(11)
    await until(async () => (await outbox('a')).length === 1)
    assert.deepEqual(
      (await outbox('a')).map(({ version }) => version),
      [2]
    )
    assert.equal((await stored('a'))!.version, 2)
  })

  it('keeps a tombstone until ten minutes after its event was published', async () => {
    await counters.count('a')
    await counters.count('b')
    await counters.remove('a')
    await counters.start()
    await isSent('a')
    assert.equal((await stored('a'))!.version, 2)
    later = minutes(11)
    await until(async () => (await stored('a')) === null)
    assert.equal((await stored('b'))!.version, 1)
  })

  it('publishes the events that another replica has left behind', async () => {
    const dead = mongoCounters(database.db, stuckLog)
    await dead.count('a')
    await counters.start()
    await isSent('a')
    assert.equal(await log.redis.xlen('events.counting'), 1)
  })

  it('publishes the events that a replica whose clock was ahead has left behind', async () => {
    const dead = mongoCounters(database.db, stuckLog, { clock: { now: () => new Date(Date.now() + minutes(10)) } })
    await dead.count('a')
    await counters.start()
    await isSent('a')
    assert.equal(await log.redis.xlen('events.counting'), 1)
  })

  it('does not wait longer for the next sweep after a slow log has delayed one', async () => {
    const trimmed = Promise.withResolvers<void>()
    const trim = () => setTimeout(800).then(trimmed.resolve)
    // If the pause counted the slow trim, it would be 12 s and not 1 s.
    const times = { ...TIMES, sweep: 1_000 }
    counters = mongoCounters(database.db, { ...countingLog(log.redis), trim }, { times })
    await counters.start()
    await trimmed.promise
    await mongoCounters(database.db, stuckLog).count('a')
    await isSent('a', 10_000)
  })

  it('publishes the waiting events before it stops', async () => {
    await counters.count('a')
    await counters.stop()
    assert.equal(await log.redis.xlen('events.counting'), 1)
  })

  it('measures the waiting events', async () => {
    const mine = new Registry()
    const stuck = mongoCounters(database.db, stuckLog, { registry: mine })
    await stuck.count('a')
    await stuck.count('b')
    assert.match(await mine.metrics(), /bulkhead_outbox_depth 2\n/)
    assert.match(await mine.metrics(), /bulkhead_outbox_oldest_seconds \d\d?\.\d+\n/)
  })

  /** Starts a replica that sweeps, and stops it when its metrics have the line. */
  async function sweeperShows(line: string, events: EventLog) {
    const sweeper = mongoCounters(database.db, events, { registry })
    await sweeper.start()
    await until(async () => (await registry.metrics()).includes(`${line}\n`)).finally(sweeper.stop)
  }

  it('measures on the sweeping replica the events that others left behind, while the log is unavailable', async () => {
    registry = new Registry()
    const dead = mongoCounters(database.db, stuckLog, { clock: { now: () => new Date(Date.now() - minutes(60)) } })
    await dead.count('a')
    await dead.count('b')
    const away = { ...failingLog, run: () => failingLog.append([]) }
    await sweeperShows('bulkhead_outbox_depth 2', away)
    const [, oldest] = /^bulkhead_outbox_oldest_seconds (\S+)/m.exec(await registry.metrics())!
    assert.ok(Number(oldest) >= 3_600, oldest)
  })

  it('measures on the sweeping replica the events that do not fit in its queue', async () => {
    registry = new Registry()
    const entry = pendingEvent(counted, 1, new Date(0), trace)
    const outbox = Array.from({ length: 10_003 }, (_, place) => ({ ...entry, id: `evt_${place}` }))
    await database.db
      .collection<AggregateDocument>('counters')
      .insertOne({ _id: 'a', version: 1, schemaVersion: 1, outbox })
    await sweeperShows('bulkhead_outbox_depth 10003', failingLog)
  })
})
