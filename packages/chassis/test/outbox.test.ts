import assert from 'node:assert/strict'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { silentEventLog } from '@bulkhead/testing/silent'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import type { AggregateDocument } from '../src/aggregate-document.ts'
import type { EventLog } from '../src/event-log.ts'
import { countingLog, mongoCounters } from './counters.ts'

/** An event log that never answers. */
const stuckLog: EventLog = { ...silentEventLog, append: () => new Promise(() => undefined) }

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
  const isSent = (id: string) => until(async () => (await outbox(id)).every(({ run }) => run))
  const minutes = (count: number) => count * 60_000

  it('publishes an event once and marks it, with the run of the log, without touching the version', async () => {
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

  it('keeps a tombstone until its event is out, and ten minutes more', async () => {
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

  it('publishes what another replica has left', async () => {
    const dead = mongoCounters(database.db, stuckLog)
    await dead.count('a')
    await counters.start()
    await isSent('a')
    assert.equal(await log.redis.xlen('events.counting'), 1)
  })

  it('publishes what is waiting before it stops', async () => {
    await counters.count('a')
    await counters.stop()
    assert.equal(await log.redis.xlen('events.counting'), 1)
  })

  it('measures what waits', async () => {
    const mine = new Registry()
    const stuck = mongoCounters(database.db, stuckLog, { registry: mine })
    await stuck.count('a')
    await stuck.count('b')
    assert.match(await mine.metrics(), /bulkhead_outbox_depth 2\n/)
    assert.match(await mine.metrics(), /bulkhead_outbox_oldest_seconds 0\.\d+\n/)
  })
})
