import assert from 'node:assert/strict'
import { mongoDatabase } from '../src/mongo-database.ts'
import { redisDatabase } from '../src/redis-database.ts'

describe('databases of tests', () => {
  it('are separate on Redis, and empty for the next test', async () => {
    const one = await redisDatabase()
    const other = await redisDatabase()
    await one.redis.set('a', 1)
    assert.equal(await other.redis.dbsize(), 0)
    await Promise.all([one.close(), other.close()])
    const next = await redisDatabase()
    assert.equal(await next.redis.dbsize(), 0)
    await next.close()
  })

  it('are separate on MongoDB', async () => {
    const one = await mongoDatabase()
    const other = await mongoDatabase()
    await one.db.collection('lamps').insertOne({ name: 'desk' })
    assert.equal(await other.db.collection('lamps').countDocuments(), 0)
    await Promise.all([one.close(), other.close()])
  })
})
