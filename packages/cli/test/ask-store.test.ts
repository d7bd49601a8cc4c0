import assert from 'node:assert/strict'
import { mongoDatabase } from '@bulkhead/testing/mongo-database'
import { connect, redisServer } from '@bulkhead/testing/redis-server'
import { tcpProxy } from '@bulkhead/testing/tcp-proxy'
import { askStore } from '../src/stores/ask-store.ts'

describe('askStore', () => {
  let redis: Awaited<ReturnType<typeof redisServer>>
  beforeEach(async () => {
    redis = await redisServer()
  })
  afterEach(() => redis.stop())

  it('asks a Redis as its user', async () => {
    const admin = connect(redis.url)
    await admin.acl('SETUSER', 'ada', 'on', '>right', '+@connection')
    admin.disconnect()
    const as = (password: string) => Object.assign(new URL(redis.url), { username: 'ada', password }).href
    assert.equal(await askStore(as('right')), undefined)
    assert.match(String(await askStore(as('wrong'))), /^WRONGPASS/)
  })

  it('names the reason why a Redis does not answer', async () => {
    redis.hang()
    assert.match(String(await askStore(redis.url)), /^no answer|timed out/)
    await redis.answering()
    await redis.kill()
    assert.match(String(await askStore(redis.url)), /ECONNREFUSED/)
    await redis.start()
  })

  it('asks a MongoDB, and names the reason why it does not answer', async () => {
    const database = await mongoDatabase()
    const proxy = await tcpProxy(database.url)
    assert.equal(await askStore(proxy.url), undefined)
    proxy.block()
    assert.match(String(await askStore(proxy.url)), /^no answer within/)
    proxy.close()
    await database.close()
  })
})
