import assert from 'node:assert/strict'
import { mongoDatabase } from '@bulkhead/testing/mongo-database'
import { redisDatabase } from '@bulkhead/testing/redis-database'
import { openCopy } from '../../src/backup/stores/open-store.ts'

describe('the copy of a backup beside a store', () => {
  it('refuses the database of the service itself, of another service, and of MongoDB', async () => {
    const { url, close } = await mongoDatabase()
    const own = new URL(url).pathname.slice(1)
    try {
      await assert.rejects(openCopy(url, own), new RegExp(`the database ${own} is in use`))
      await assert.rejects(openCopy(url, own.toUpperCase()), /is in use/)
      await assert.rejects(openCopy(url, 'orders', { taken: ['orders'] }), /the database orders is in use/)
      await assert.rejects(openCopy(url, 'admin'), /is in use/)
    } finally {
      await close()
    }
  })

  it('refuses a MongoDB database that is not empty', async () => {
    const [own, other] = await Promise.all([mongoDatabase(), mongoDatabase()])
    try {
      await other.db.createCollection('orders')
      const name = new URL(other.url).pathname.slice(1)
      await assert.rejects(openCopy(own.url, name), /exists and is not empty.*db\.dropDatabase/)
      await other.db.dropDatabase()
      await (await openCopy(own.url, name)).close()
    } finally {
      await Promise.all([own.close(), other.close()])
    }
  })

  it('refuses the Redis database of the service itself, and one that is not empty', async () => {
    const [own, other] = [await redisDatabase(), await redisDatabase()]
    try {
      const number = (url: string) => new URL(url).pathname.slice(1)
      await assert.rejects(openCopy(own.url, number(own.url)), /is in use/)
      await other.redis.set('cart', 'full')
      await assert.rejects(openCopy(own.url, number(other.url)), /exists and is not empty.*FLUSHDB/)
      assert.equal(await other.redis.get('cart'), 'full')
    } finally {
      await Promise.all([own.close(), other.close()])
    }
  })
})
