import assert from 'node:assert/strict'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { connect } from '@bulkhead/testing/redis-server'
import { until } from '@bulkhead/testing/until'
import type { Redis } from 'ioredis'
import type { Lease } from '../src/core/lease.ts'
import { mongoLease } from '../src/mongo/mongo-lease.ts'
import { redisLease } from '../src/redis/redis-lease.ts'

describe('leases', () => {
  let database: MongoDatabase
  let redis: Redis
  const clock = { now: () => new Date() }
  const apart = (minutes: number) => ({ now: () => new Date(Date.now() + minutes * 60_000) })

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
      it('is held by one of ten replicas that ask at once, which can renew it', async () => {
        const all = Array.from({ length: 10 }, () => lease(60_000))
        const held = await Promise.all(all.map(({ hold }) => hold()))
        assert.equal(held.filter(Boolean).length, 1)
        assert.deepEqual(await Promise.all(all.map(({ hold }) => hold())), held)
      })

      it('can be taken when it has expired', async () => {
        await lease(1_000).hold()
        const other = lease(60_000)
        assert.equal(await other.hold(), false)
        await until(() => other.hold())
      })

      it('can be taken when it was released, which only its holder can do', async () => {
        const [holder, other] = [lease(60_000), lease(60_000)]
        await holder.hold()
        await other.release()
        assert.equal(await other.hold(), false)
        await holder.release()
        assert.equal(await other.hold(), true)
      })
    })
  }

  describe('mongoLease, with clocks that differ', () => {
    const at = (milliseconds: number, minutes: number) => mongoLease(database.db, 'work', milliseconds, apart(minutes))

    it('can be taken from a dead holder whose clock is ahead, if nobody has renewed it for its duration', async () => {
      await at(500, 10).hold()
      const other = at(500, 0)
      assert.equal(await other.hold(), false)
      await until(() => other.hold())
    })

    for (const [title, holding, asking] of [
      ['is never taken from a holder that renews it, if the clock of the holder is ahead', 10, 0],
      ['is never taken from a holder that renews it, if the clock of the other replica is behind', 0, -10]
    ] as const) {
      it(title, async () => {
        const [holder, other] = [at(1, holding), at(1, asking)]
        for (let turn = 0; turn < 50; turn++)
          assert.deepEqual([await holder.hold(), await other.hold()], [true, false], `in turn ${turn}`)
      })
    }

    it('has only one holder after another replica has taken it from a holder whose clock is behind', async () => {
      const [behind, right] = [at(60_000, -10), at(60_000, 0)]
      await behind.hold()
      for (let turn = 0; turn < 3; turn++) assert.deepEqual([await right.hold(), await behind.hold()], [true, false])
    })
  })
})
