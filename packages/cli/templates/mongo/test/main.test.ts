import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { serviceProcess } from '@bulkhead/testing/service-process'

describe('the process of template', () => {
  let store: MongoDatabase
  let log: RedisDatabase
  before(async () => {
    store = await mongoDatabase()
    log = await redisDatabase()
  })
  after(async () => {
    await log.close()
    await store.close()
  })

  it('gets ready when its stores answer and ends with code 0 at SIGTERM', async () => {
    const environment = { MONGODB_URL: store.url, EVENT_LOG_URL: log.url }
    const { ready, stop, ended } = serviceProcess(join(import.meta.dirname, '../src/main.ts'), environment)
    await ready()
    stop()
    assert.deepEqual(await ended, [0, null])
  })
})
