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

  describe('mongoLease, where clocks are apart', () => {
    const at = (milliseconds: number, minutes: number) => mongoLease(database.db, 'work', milliseconds, apart(minutes))

    it('can be taken from a holder ahead that is dead, but not before it has stood still for its length', async () => {
      await at(500, 10).hold()
      const other = at(500, 0)
      assert.equal(await other.hold(), false)
      await until(() => other.hold())
    })

    for (const [who, holding, asking] of [
      ['from a holder ahead', 10, 0],
      ['by one behind from a holder', 0, -10]
    ] as const) {
      it(`is never taken ${who} that prolongs it`, async () => {
        const [holder, other] = [at(1, holding), at(1, asking)]
        for (let turn = 0; turn < 50; turn++)
          assert.deepEqual([await holder.hold(), await other.hold()], [true, false], `in turn ${turn}`)
      })
    }

    it('has one holder again as soon as one behind is found out', async () => {
      const [behind, right] = [at(60_000, -10), at(60_000, 0)]
      await behind.hold()
      for (let turn = 0; turn < 3; turn++) assert.deepEqual([await right.hold(), await behind.hold()], [true, false])
    })
  })
})
