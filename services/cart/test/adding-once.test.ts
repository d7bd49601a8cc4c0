import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { customer } from '@bulkhead/testing/callers'
import { startService } from './helper.ts'

describe('adding to a cart with an Idempotency-Key', () => {
  const mug = { productId: newId('prd'), sku: 'MUG', quantity: 2 }
  let service: Awaited<ReturnType<typeof startService>>
  let id: string
  before(async () => {
    service = await startService()
  })
  beforeEach(async () => {
    id = (await service.createCart()).id
  })
  after(() => service.close())

  const add = (key: string, body: object = mug, into = id, header?: string) =>
    service.send('post', `/carts/${into}/lines`, header).set('Idempotency-Key', key).send(body)
  const contents = async () => {
    const { body } = await service.send('get', `/carts/${id}`).expect(200)
    return { version: body.version, quantities: body.lines.map(({ quantity }: { quantity: number }) => quantity) }
  }

  it('adds once, and returns the first answer for repeated requests, also for later and simultaneous ones', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => add('add-a-mug').expect(200)))
    await add('one-more').expect(200)
    for (const { body, headers } of [...answers, await add('add-a-mug').expect(200)]) {
      assert.deepEqual({ body, etag: headers.etag }, { body: mug, etag: '"2"' })
    }
    assert.deepEqual(await contents(), { version: 3, quantities: [4] })
  })

  it('returns 422 for a key that came with a different request, and adds nothing', async () => {
    await add('add-a-mug').expect(200)
    for (const other of [
      { ...mug, quantity: 3 },
      { ...mug, sku: 'CUP' },
      { ...mug, productId: newId('prd') }
    ]) {
      const { body } = await add('add-a-mug', other).expect(422)
      assert.equal(body.type, 'urn:bulkhead:problem:idempotency-key-reused')
    }
    assert.deepEqual(await contents(), { version: 2, quantities: [2] })
  })

  it('adds again with a different key and without a key', async () => {
    await add('add-a-mug').expect(200)
    await add('add-another').expect(200)
    await service.send('post', `/carts/${id}/lines`).send(mug).expect(200)
    assert.deepEqual(await contents(), { version: 4, quantities: [6] })
  })

  it('stores keys by cart, not by caller', async () => {
    const other = await service.createCart()
    await add('add-a-mug').expect(200)
    await add('add-a-mug', mug, other.id).expect(200)
    await add('add-a-mug', mug, id, customer().header).expect(200)
    assert.deepEqual(await contents(), { version: 2, quantities: [2] })
    assert.equal((await service.send('get', `/carts/${other.id}`)).body.lines[0].quantity, 2)
  })

  it('adds nothing for a repeated request after the line was removed', async () => {
    await add('add-a-mug').expect(200)
    await service.send('delete', `/carts/${id}/lines/${mug.productId}/MUG`).set('If-Match', '"2"').expect(204)
    await add('add-a-mug').expect(200)
    assert.deepEqual(await contents(), { version: 3, quantities: [] })
  })

  it('answers a repeated request although the line is full, and does not remember a refused request', async () => {
    const most = { ...mug, quantity: 999 }
    await add('add-the-most', most).expect(200)
    await add('add-the-most', most).expect(200)
    await add('add-a-mug').expect(409)
    await service.send('put', `/carts/${id}/lines/${mug.productId}/MUG`).set('If-Match', '"2"').send({ quantity: 1 })
    await add('add-a-mug').expect(200)
    assert.deepEqual(await contents(), { version: 4, quantities: [3] })
  })

  it('remembers the last 50 keys for a day', async () => {
    for (let turn = 0; turn < 60; turn++) await add(`key-number-${turn}`, { ...mug, quantity: 1 }).expect(200)
    const key = `{cart}:${id}:requests`
    assert.equal(await service.redis.llen(key), 50)
    const left = await service.redis.pttl(key)
    assert.ok(left > 0 && left <= 86_400_000, `${left}`)
    await add('key-number-10', { ...mug, quantity: 1 }).expect(200)
    assert.deepEqual(await contents(), { version: 61, quantities: [60] })
  })

  it('accepts a short key from a guest, and returns 400 for a malformed key', async () => {
    await add('a-key-of-8').expect(200)
    for (const key of ['short', 'with spaces in it', 'x'.repeat(201)]) {
      const { body } = await add(key).expect(400)
      assert.equal(body.errors[0].pointer, '/headers/idempotency-key')
    }
  })

  it('returns 404 for a repeated request after the cart was deleted', async () => {
    await add('add-a-mug').expect(200)
    await service.send('delete', `/carts/${id}`).set('If-Match', '"2"').expect(204)
    await add('add-a-mug').expect(404)
  })

  it('removes the stored keys when the cart is deleted or merged', async () => {
    const { header } = customer()
    const own = await service.createCart(header)
    await add('add-a-mug').expect(200)
    await service.send('post', `/carts/${own.id}/merge`, header).send({ from: id }).expect(200)
    assert.deepEqual(await service.redis.keys(`*${id}*`), [])
    await add('add-a-mug', mug, own.id, header).expect(200)
    await service.send('delete', `/carts/${own.id}`, header).set('If-Match', '"3"').expect(204)
    assert.deepEqual(await service.redis.keys(`*${own.id}*`), [])
  })
})
