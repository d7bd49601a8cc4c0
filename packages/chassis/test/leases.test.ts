import assert from 'node:assert/strict'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { connect } from '@bulkhead/testing/redis-server'
import { until } from '@bulkhead/testing/until'
import type { Redis } from 'ioredis'
import { type Lease, mongoLease, redisLease } from '../src/leases.ts'

describe('leases', () => {
  let database: MongoDatabase
  let redis: Redis
  const clock = { now: () => new Date() }

  before(async () => {
    database = await mongoDatabase()
    redis = connect(process.env.TEST_REDIS_URL!)
  })
  beforeEach(() => Promise.all([database.db.dropDatabase(), redis.del('{lease}')]))
  after(async () => {
    redis.disconnect()
    await database.close()
  })

  const kinds: Record<string, (milliseconds: number) => Lease> = {
    mongoLease: milliseconds => mongoLease(database.db, 'work', milliseconds, clock),
    redisLease: milliseconds => redisLease(redis, '{lease}', milliseconds)
  }
  for (const [kind, lease] of Object.entries(kinds)) {
    describe(kind, () => {
      it('is held by one of many who ask at once, who may prolong it', async () => {
        const all = Array.from({ length: 10 }, () => lease(60_000))
        const held = await Promise.all(all.map(({ hold }) => hold()))
        assert.equal(held.filter(Boolean).length, 1)
        assert.deepEqual(await Promise.all(all.map(({ hold }) => hold())), held)
      })

      it('can be taken when it has run out', async () => {
        await lease(1_000).hold()
        const other = lease(60_000)
        assert.equal(await other.hold(), false)
        await until(() => other.hold())
      })

      it('can be taken when it was released, by its holder only', async () => {
        const [holder, other] = [lease(60_000), lease(60_000)]
        await holder.hold()
        await other.release()
        assert.equal(await other.hold(), false)
        await holder.release()
        assert.equal(await other.hold(), true)
      })
    })
  }
})
