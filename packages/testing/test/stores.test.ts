import assert from 'node:assert/strict'
import { mongoDatabase } from '../src/mongo-database.ts'
import { redisDatabase } from '../src/redis-database.ts'

describe('databases of tests', () => {
  it('of Redis are apart, and empty again for who takes one next', async () => {
    const [one, other] = [await redisDatabase(), await redisDatabase()]
    await one.redis.set('a', 1)
    assert.equal(await other.redis.dbsize(), 0)
    await Promise.all([one.close(), other.close()])
    const next = await redisDatabase()
    assert.equal(await next.redis.dbsize(), 0)
    await next.close()
  })

  it('of MongoDB are apart', async () => {
    const [one, other] = [await mongoDatabase(), await mongoDatabase()]
    await one.db.collection('lamps').insertOne({ name: 'desk' })
    assert.equal(await other.db.collection('lamps').countDocuments(), 0)
    await Promise.all([one.close(), other.close()])
  })
})
