import assert from 'node:assert/strict'
import { freePort } from '../src/processes/ports.ts'
import type { Service } from '../src/services/stack.ts'
import { userMongodb, userRedis } from '../src/stores/user-stores.ts'

const services = [4, 12].map(
  offset => ({ name: `service${offset}`, ports: { api: 7000 + offset, operations: 0, store: 0 } }) as Service
)

describe("the user's own stores", () => {
  it('have a database for each service on MongoDB', async () => {
    const { urls } = await userMongodb(`${process.env.TEST_MONGODB_URL}/ignored?retryWrites=false`, services)
    assert.equal(urls.service4, `${process.env.TEST_MONGODB_URL}/bulkhead-service4?retryWrites=false`)
  })

  it('have a numbered database for each service on Redis', async () => {
    const { urls, chosen } = await userRedis(process.env.TEST_REDIS_URL!, services)
    assert.deepEqual(Object.values(urls), [`${process.env.TEST_REDIS_URL}/4`, `${process.env.TEST_REDIS_URL}/12`])
    assert.match(chosen[0]!, /REDIS_URL/)
  })

  it('are reported without their password if they do not answer', async () => {
    const port = await freePort()
    await assert.rejects(userMongodb(`mongodb://me:secret@127.0.0.1:${port}`, services), {
      message: `nothing answers at MONGODB_URL (127.0.0.1:${port}). Start it, or unset MONGODB_URL for a private server`
    })
  })

  it('are refused if their address is not a URL', () =>
    assert.rejects(userRedis('localhost', services), /REDIS_URL is not a URL/))
})
