import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { redisServer } from '@bulkhead/testing/redis-server'
import { until } from '@bulkhead/testing/until'
import { startService } from './helper.ts'

describe('cart, when its store becomes unavailable', () => {
  let store: Awaited<ReturnType<typeof redisServer>>
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    store = await redisServer()
    service = await startService({ storeUrl: store.url })
  })
  after(async () => {
    await service.close()
    await store.stop()
  })

  const productId = newId('prd')
  const add = (id: string) => service.send('post', `/carts/${id}/lines`).send({ productId, sku: 'MUG' })

  it('returns 503 with Retry-After, recovers by itself, and keeps every acknowledged change', async () => {
    const { id } = await service.createCart()
    for (let turn = 0; turn < 5; turn++) await add(id).expect(200)
    await store.kill()
    for (const test of [add(id), service.send('get', `/carts/${id}`), service.send('post', '/carts')]) {
      const { headers, text } = await test.expect(503)
      assert.match(headers['retry-after']!, /^\d+$/)
      assert.doesNotMatch(text, /redis|ECONN/i)
    }
    await store.start()
    await until(async () => (await add(id)).status === 200)
    const { body } = await service.send('get', `/carts/${id}`).expect(200)
    assert.deepEqual({ version: body.version, quantity: body.lines[0].quantity }, { version: 7, quantity: 6 })
    assert.ok((await service.redis.pttl(`{cart}:${id}`)) > 0)
  })

  it('works after the store has lost its scripts', async () => {
    const { id } = await service.createCart()
    await add(id).expect(200)
    await service.redis.script('FLUSH')
    await add(id).expect(200)
  })
})
