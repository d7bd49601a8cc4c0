import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { redisServer } from '@bulkhead/testing/redis-server'
import { until } from '@bulkhead/testing/until'
import { startService } from './helper.ts'

describe('cart, when its store goes away', () => {
  let store: Awaited<ReturnType<typeof redisServer>>
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    store = await redisServer()
    service = await startService({ storeUrl: store.url })
    service.offers([])
  })
  after(async () => {
    await service.close()
    await store.stop()
  })

  const productId = newId('prd')
  const add = (id: string) => service.send('post', `/carts/${id}/lines`).send({ productId, sku: 'MUG' })

  it('answers 503 with Retry-After, and goes on by itself with all that was acknowledged', async () => {
    const { body } = await service.send('post', '/carts').expect(201)
    for (let turn = 0; turn < 5; turn++) await add(body.id).expect(200)
    await store.kill()
    for (const test of [add(body.id), service.send('get', `/carts/${body.id}`), service.send('post', '/carts')]) {
      const { headers, text } = await test.expect(503)
      assert.match(headers['retry-after']!, /^\d+$/)
      assert.doesNotMatch(text, /redis|ECONN/i)
    }
    await store.start()
    await until(async () => (await add(body.id)).status === 200)
    const { body: after } = await service.send('get', `/carts/${body.id}`).expect(200)
    assert.deepEqual([after.version, after.lines[0].quantity], [7, 6])
    assert.ok((await service.redis.pttl(`{cart}:${body.id}`)) > 0)
  })

  it('goes on when the store has forgotten its scripts', async () => {
    const { body } = await service.send('post', '/carts').expect(201)
    await add(body.id).expect(200)
    await service.redis.script('FLUSH')
    await add(body.id).expect(200)
  })
})
