import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { serviceProcess } from '@bulkhead/testing/service-process'

describe('the process of template', () => {
  let database: RedisDatabase
  before(async () => {
    database = await redisDatabase()
  })
  after(() => database.close())

  it('gets ready when its store answers and ends with code 0 at SIGTERM', async () => {
    const environment = { REDIS_URL: database.url, EVENT_LOG_URL: database.url }
    const { ready, stop, ended } = serviceProcess(join(import.meta.dirname, '../src/main.ts'), environment)
    await ready()
    stop()
    assert.deepEqual(await ended, [0, null])
  })
})
