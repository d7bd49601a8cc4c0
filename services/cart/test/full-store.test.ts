import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { customer } from '@bulkhead/testing/callers'
import { redisServer } from '@bulkhead/testing/redis-server'
import { startService } from './helper.ts'

describe('cart, while its store is full', () => {
  const line = { productId: newId('prd'), sku: 'MUG' }
  let store: Awaited<ReturnType<typeof redisServer>>
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    store = await redisServer()
    service = await startService({ storeUrl: store.url })
  })
  afterEach(() => store.makeRoom())
  after(async () => {
    await service.close()
    await store.stop()
  })

  const add = (id: string, header?: string) => service.send('post', `/carts/${id}/lines`, header).send(line)
  const pathOf = (id: string) => `/carts/${id}/lines/${line.productId}/${line.sku}`

  it('returns 503 store-full with Retry-After to requests that add data, and changes nothing', async () => {
    const me = customer()
    const { id: own } = await service.createCart(me.header)
    const { id: guest } = await service.createCart()
    await add(guest).expect(200)
    await store.fill()
    for (const test of [
      service.send('post', '/carts'),
      service.send('post', '/carts', customer().header),
      add(guest),
      service.send('put', pathOf(guest)).set('If-Match', '"2"').send({ quantity: 9 }),
      service.send('post', `/carts/${own}/merge`, me.header).send({ from: guest })
    ]) {
      const { body, headers } = await test.expect(503)
      assert.equal(body.type, 'urn:bulkhead:problem:store-full')
      assert.match(headers['retry-after']!, /^\d+$/)
    }
    const { body } = await service.send('get', `/carts/${guest}`).expect(200)
    const quantities = body.lines.map(({ quantity }: { quantity: number }) => quantity)
    assert.deepEqual({ version: body.version, quantities }, { version: 2, quantities: [1] })
  })

  it('reads carts, removes lines, and deletes carts with their event', async () => {
    const { id } = await service.createCart()
    await add(id).set('Idempotency-Key', 'first-mug').expect(200)
    await store.fill()
    await service.send('get', `/carts/${id}`).expect(200)
    await service.send('delete', pathOf(id)).set('If-Match', '"2"').expect(204)
    await service.send('delete', `/carts/${id}`).set('If-Match', '"3"').expect(204)
    await service.send('get', `/carts/${id}`).expect(404)
    assert.deepEqual(await service.redis.keys(`*${id}*`), [])
    assert.deepEqual(await service.eventsOf(id), [
      { type: 'cart.cart.created', version: 1 },
      { type: 'cart.cart.deleted', version: 4 }
    ])
  })

  it('deletes an empty cart', async () => {
    const { id } = await service.createCart()
    await store.fill()
    await service.send('delete', `/carts/${id}`).set('If-Match', '"1"').expect(204)
  })

  it('returns the existing cart of a customer, and answers repeated requests', async () => {
    const { header } = customer()
    const { id } = await service.createCart(header)
    const { id: guest } = await service.createCart()
    const addOnce = () => add(id, header).set('Idempotency-Key', 'first-mug').expect(200)
    const merge = () => service.send('post', `/carts/${id}/merge`, header).send({ from: guest }).expect(200)
    const { body: added } = await addOnce()
    const { body: merged } = await merge()
    await store.fill()
    assert.equal((await service.send('post', '/carts', header).expect(200)).body.id, id)
    assert.deepEqual((await addOnce()).body, added)
    assert.deepEqual((await merge()).body, merged)
  })

  it('accepts additions again as soon as the store has space', async () => {
    const { id } = await service.createCart()
    await store.fill()
    await add(id).expect(503)
    await store.makeRoom()
    await add(id).expect(200)
  })
})
