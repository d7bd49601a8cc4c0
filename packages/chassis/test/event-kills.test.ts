import assert from 'node:assert/strict'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { connect, redisServer } from '@bulkhead/testing/redis-server'
import { until } from '@bulkhead/testing/until'
import type { Redis } from 'ioredis'
import { groupsOf } from '../src/streams.ts'
import {
  type Counters,
  countingLog,
  type Effects,
  mongoCounters,
  mongoEffects,
  redisCounters,
  redisEffects
} from './counters.ts'
import { ask, lives, type Replica, replica } from './replica.ts'

/** Milliseconds: processes start and die, which takes long on a busy machine. */
const LIMIT = 30_000

describe('events, when a replica is killed', function () {
  this.timeout(2 * LIMIT)
  let database: MongoDatabase
  let store: RedisDatabase
  let logServer: Awaited<ReturnType<typeof redisServer>>
  let log: Redis
  const replicas: Replica[] = []

  type Kind = 'mongodb' | 'redis'
  let urls: Record<Kind, string>

  before(async () => {
    database = await mongoDatabase()
    store = await redisDatabase()
    urls = { mongodb: database.url, redis: store.url }
    logServer = await redisServer()
    log = connect(logServer.url)
  })
  beforeEach(async () => {
    await Promise.all([database.db.dropDatabase(), store.redis.flushdb(), log.flushall()])
  })
  afterEach(() => Promise.all(replicas.splice(0).map(({ stop }) => stop())))
  after(async () => {
    log.disconnect()
    await Promise.all([database.close(), store.close(), logServer.stop()])
  })

  /** Starts two replicas. The first, which gets the lease, is killed as it passes the fault point. */
  async function startTwo(fixture: string, kind: Kind, point: string): Promise<Replica[]> {
    const started = []
    for (const KILL_AT of [point, '']) {
      const process = await replica(fixture, { STORE_URL: urls[kind], EVENT_LOG_URL: logServer.url, KILL_AT })
      started.push(process)
      replicas.push(process)
    }
    return started
  }

  const countersIn = (kind: Kind): Counters =>
    kind === 'mongodb' ? mongoCounters(database.db, countingLog(log)) : redisCounters(store.redis, countingLog(log))
  const effectsIn = (kind: Kind): Effects =>
    kind === 'mongodb' ? mongoEffects(database.db, countingLog(log)) : redisEffects(store.redis)

  /** Has the publishers count 40 times; one that is dead leaves it to the others. */
  async function countWith(publishers: Replica[]) {
    for (let turn = 0; turn < 40; turn++) {
      const living = publishers.filter(lives)
      await ask(living[turn % living.length]!, `counter-${turn % 7}`)
    }
  }

  /** Waits until all is published and acknowledged, and sees that each version of each counter had its effect once. */
  async function eachOnce(counters: Counters, effects: Effects) {
    await until(() => counters.allSent(), LIMIT)
    await until(async () => (await groupsOf(log, 'events.counting'))[0]?.lag === 0, LIMIT)
    const versions = [...(await counters.versions())]
    const expected = versions.map(([id, last]) => [id, Array.from({ length: last }, (_, index) => index + 1)] as const)
    assert.deepEqual(await effects.all(), new Map(expected))
  }

  const deaths = [
    { who: 'publisher', point: 'after-write-before-publish', nth: 3 },
    { who: 'publisher', point: 'after-publish-before-mark', nth: 3 },
    { who: 'consumer', point: 'after-effect-before-acknowledge', nth: 2 }
  ]
  for (const kind of ['mongodb', 'redis'] as const) {
    for (const { who, point, nth } of deaths) {
      it(`has every effect once when a ${who} on ${kind} dies ${point}`, async () => {
        const killAt = (role: string) => (role === who ? `${point}:${nth}` : '')
        const [publishers, consumers] = await Promise.all([
          startTwo('publisher.ts', kind, killAt('publisher')),
          startTwo('subscriber.ts', kind, killAt('consumer'))
        ])
        await countWith(publishers)
        await (who === 'publisher' ? publishers : consumers)[0]!.ended
        await eachOnce(countersIn(kind), effectsIn(kind))
      })
    }
  }
})
