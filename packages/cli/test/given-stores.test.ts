import assert from 'node:assert/strict'
import { givenMongodb, givenRedis } from '../src/given-stores.ts'
import { freePort } from '../src/ports.ts'
import type { Service } from '../src/stack.ts'

const services = [4, 12].map(
  offset => ({ name: `service${offset}`, ports: { api: 7000 + offset, operations: 0, store: 0 } }) as Service
)

describe('stores that were given', () => {
  it('gives each service a database of its own on a MongoDB', async () => {
    const { urls } = await givenMongodb(`${process.env.TEST_MONGODB_URL}/ignored?retryWrites=false`, services)
    assert.equal(urls.service4, `${process.env.TEST_MONGODB_URL}/bulkhead-service4?retryWrites=false`)
  })

  it('gives each service a numbered database on a Redis', async () => {
    const { urls, chosen } = await givenRedis(process.env.TEST_REDIS_URL!, services)
    assert.deepEqual(Object.values(urls), [`${process.env.TEST_REDIS_URL}/4`, `${process.env.TEST_REDIS_URL}/12`])
    assert.match(chosen[0]!, /REDIS_URL/)
  })

  it('shows no password when nothing answers', async () => {
    const port = await freePort()
    await assert.rejects(givenMongodb(`mongodb://me:secret@127.0.0.1:${port}`, services), {
      message: `nothing answers at MONGODB_URL (127.0.0.1:${port}). Start it, or unset MONGODB_URL for a private server`
    })
  })

  it('refuses what is no URL', () => assert.rejects(givenRedis('localhost', services), /REDIS_URL is not a URL/))
})
