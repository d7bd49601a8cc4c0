import assert from 'node:assert/strict'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { connect, redisServer } from '@bulkhead/testing/redis-server'
import { PATIENCE, until } from '@bulkhead/testing/until'
import type { Redis } from 'ioredis'
import { groupsOf } from '../src/redis/streams.ts'
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

/** How long (ms) the log stalls. This is longer than a lease. */
const STALL = 1_500

describe('events, when a replica is killed', function () {
  this.timeout(5 * PATIENCE) // longer than all waits of a test together, because each wait reports its own failure
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
  async function startTwo(fixture: string, kind: Kind, point: string): Promise<[Replica, Replica]> {
    const started: Replica[] = []
    for (const KILL_AT of [point, '']) {
      const process = await replica(fixture, { STORE_URL: urls[kind], EVENT_LOG_URL: logServer.url, KILL_AT })
      started.push(process)
      replicas.push(process)
    }
    return started as [Replica, Replica]
  }

  const countersIn = (kind: Kind): Counters =>
    kind === 'mongodb' ? mongoCounters(database.db, countingLog(log)) : redisCounters(store.redis, countingLog(log))
  const effectsIn = (kind: Kind): Effects =>
    kind === 'mongodb' ? mongoEffects(database.db, countingLog(log)) : redisEffects(store.redis)

  /** Lets one of the living publishers count. */
  async function count(turn: number, publishers: Replica[]) {
    const living = publishers.filter(lives)
    await ask(living[turn % living.length]!, `counter-${turn % 7}`)
  }

  /**
   * Lets the publishers count 40 times, and then until `victim` is killed. If the log is slow for a moment, it gets all events in one or
   * two batches, or the other replica gets the lease. So `other` is stopped after 40 counts, and the victim gets the work.
   */
  async function countUntilKilled(victim: Replica, other: Replica, publishers: Replica[]) {
    let turn = 0
    while (turn < 40) await count(turn++, publishers)
    if (lives(victim)) {
      const counting = publishers.filter(publisher => publisher !== other)
      other.child.kill('SIGSTOP')
      await until(async () => {
        if (lives(victim)) await count(turn++, counting)
        return !lives(victim)
      })
      other.child.kill('SIGCONT')
    }
    assert.equal(victim.child.signalCode, 'SIGKILL')
  }

  /** Waits until all events are published and acknowledged. Asserts that each version of each counter had its effect once. */
  async function eachOnce(counters: Counters, effects: Effects) {
    await until(() => counters.allSent())
    await until(async () => (await groupsOf(log, 'events.counting'))[0]?.lag === 0)
    const versions = [...(await counters.versions())]
    const expected = versions.map(([id, last]) => [id, Array.from({ length: last }, (_, index) => index + 1)] as const)
    assert.deepEqual(await effects.all(), new Map(expected))
  }

  const deaths = [
    { who: 'publisher', point: 'after-write-before-publish', nth: 3 },
    { who: 'publisher', point: 'after-publish-before-mark', nth: 3 },
    { who: 'publisher', point: 'after-publish-before-mark', nth: 3, stall: STALL },
    { who: 'publisher', point: 'after-mark', nth: 3 },
    { who: 'consumer', point: 'after-effect-before-acknowledge', nth: 2 },
    { who: 'consumer', point: 'after-acknowledge', nth: 2 }
  ]
  for (const kind of ['mongodb', 'redis'] as const) {
    for (const { who, point, nth, stall } of deaths) {
      const place = stall ? `${point} while the log stalls` : point
      it(`has each effect once if a ${who} on ${kind} is killed at ${place}`, async () => {
        const killAt = (role: string) => (role === who ? `${point}:${nth}` : '')
        const [publishers, consumers] = await Promise.all([
          startTwo('publisher.ts', kind, killAt('publisher')),
          startTwo('subscriber.ts', kind, killAt('consumer'))
        ])
        const [victim, other] = who === 'publisher' ? publishers : consumers
        if (stall) await log.call('CLIENT', 'PAUSE', stall, 'WRITE')
        await countUntilKilled(victim, other, publishers)
        await eachOnce(countersIn(kind), effectsIn(kind))
      })
    }
  }
})
