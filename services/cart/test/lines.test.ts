import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import type { Cart } from '../src/carts/schemas.ts'
import { startService } from './helper.ts'

describe('lines of a cart', () => {
  const productId = newId('prd')
  let service: Awaited<ReturnType<typeof startService>>
  let id: string
  before(async () => {
    service = await startService()
  })
  beforeEach(async () => {
    id = (await service.createCart()).id
  })
  after(() => service.close())

  const add = (body: object) => service.send('post', `/carts/${id}/lines`).send(body)
  const pathOf = (sku: string) => `/carts/${id}/lines/${productId}/${encodeURIComponent(sku)}`
  const set = (sku: string, version: number, quantity: number) =>
    service.send('put', pathOf(sku)).set('If-Match', `"${version}"`).send({ quantity })
  const remove = (sku: string, version: number) => service.send('delete', pathOf(sku)).set('If-Match', `"${version}"`)
  const contents = async () => {
    const { body }: { body: Cart } = await service.send('get', `/carts/${id}`).expect(200)
    return { version: body.version, lines: body.lines.map(({ sku, quantity }) => ({ sku, quantity })) }
  }

  it('add up, and stay in the order of their addition', async () => {
    await add({ productId, sku: 'B' }).expect(200, { productId, sku: 'B', quantity: 1 })
    await add({ productId, sku: 'A', quantity: 3 }).expect(200)
    const { body, headers } = await add({ productId, sku: 'B', quantity: 2 }).expect(200)
    assert.equal(body.quantity, 3)
    assert.equal(headers.etag, '"4"')
    const lines = [
      { sku: 'B', quantity: 3 },
      { sku: 'A', quantity: 3 }
    ]
    assert.deepEqual(await contents(), { version: 4, lines })
  })

  it('lose no piece when 50 requests add 9 products at once', async () => {
    const products = Array.from({ length: 9 }, () => newId('prd'))
    const requests = Array.from({ length: 50 }, (_, turn) => ({
      productId: products[turn % 9]!,
      sku: 'MUG',
      quantity: 1 + (turn % 3)
    }))
    const answers = await Promise.all(requests.map(add))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    const expected = new Map<string, number>()
    for (const { productId, quantity } of requests) {
      expected.set(productId, (expected.get(productId) ?? 0) + quantity)
    }
    const { body }: { body: Cart } = await service.send('get', `/carts/${id}`)
    assert.equal(body.version, 51)
    assert.equal(body.lines.length, 9)
    assert.deepEqual(new Map(body.lines.map(({ productId, quantity }) => [productId, quantity])), expected)
  })

  it('are set only with the current ETag', async () => {
    await service.send('put', pathOf('MUG')).send({ quantity: 7 }).expect(428)
    const { body, headers } = await set('MUG', 1, 7).expect(200)
    assert.deepEqual(body, { productId, sku: 'MUG', quantity: 7 })
    assert.equal(headers.etag, '"2"')
    await set('MUG', 1, 8).expect(412)
    await set('MUG', 2, 2).expect(200)
    assert.deepEqual(await contents(), { version: 3, lines: [{ sku: 'MUG', quantity: 2 }] })
  })

  it('are removed only with the current ETag', async () => {
    await set('MUG', 1, 7).expect(200)
    await service.send('delete', pathOf('MUG')).expect(428)
    await remove('MUG', 1).expect(412)
    const { headers } = await remove('MUG', 2).expect(204)
    assert.equal(headers.etag, '"3"')
    await remove('MUG', 3).expect(404)
    assert.deepEqual(await contents(), { version: 3, lines: [] })
  })

  const LONGEST_SKU = '\u6f22'.repeat(255)
  for (const sku of ['a/b c', '%2F', '{cart}', '__proto__', 'Größe 42 🧦', '..a', '$gt', LONGEST_SKU]) {
    it(`accept any SKU, such as ${sku.slice(0, 20)}`, async () => {
      await add({ productId, sku }).expect(200)
      await set(sku, 2, 5).expect(200)
      assert.deepEqual((await contents()).lines, [{ sku, quantity: 5 }])
      await remove(sku, 3).expect(204)
    })
  }

  it('return 409 above 999 pieces with a pointer to the quantity, and do not change', async () => {
    await add({ productId, sku: 'MUG', quantity: 999 }).expect(200)
    const { body } = await add({ productId, sku: 'MUG' }).expect(409)
    assert.equal(body.type, 'urn:bulkhead:problem:cart-full')
    assert.equal(body.errors[0].pointer, '/body/quantity')
    assert.deepEqual(await contents(), { version: 2, lines: [{ sku: 'MUG', quantity: 999 }] })
  })

  it('return 409 above 100 lines with a pointer to the body, and do not change', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, number) => add({ productId, sku: `S${number}` }).expect(200)))
    const before = await contents()
    for (const test of [add({ productId, sku: 'more' }), set('more', 101, 1)]) {
      const { body } = await test.expect(409)
      assert.equal(body.errors[0].pointer, '/body')
    }
    assert.deepEqual(await contents(), before)
    await add({ productId, sku: 'S7' }).expect(200)
    await remove('S7', 102).expect(204)
    await add({ productId, sku: 'more' }).expect(200)
  })

  const good = { productId, sku: 'MUG', quantity: 1 }
  const badQuantities = [0, -1, 1.5, 1000, '1', null, 1e300]
  for (const { what, body, pointer } of [
    { what: 'an operator for an ID', body: { ...good, productId: { $gt: '' } }, pointer: '/body/productId' },
    { what: 'an operator for a SKU', body: { ...good, sku: { $gt: '' } }, pointer: '/body/sku' },
    { what: 'the ID of a family', body: { ...good, productId: newId('fam') }, pointer: '/body/productId' },
    { what: 'no ID', body: { sku: 'MUG' }, pointer: '/body/productId' },
    { what: 'no SKU', body: { productId }, pointer: '/body/sku' },
    { what: 'a blank SKU', body: { ...good, sku: ' ' }, pointer: '/body/sku' },
    { what: 'a SKU that no path can have', body: { ...good, sku: '..' }, pointer: '/body/sku' },
    { what: 'a SKU with half a surrogate pair', body: { ...good, sku: 'a\ud800' }, pointer: '/body/sku' },
    { what: 'a SKU with a NUL', body: { ...good, sku: 'a\0' }, pointer: '/body/sku' },
    { what: 'a long SKU', body: { ...good, sku: 'x'.repeat(256) }, pointer: '/body/sku' },
    ...badQuantities.map(quantity => ({
      what: `a quantity of ${quantity}`,
      body: { ...good, quantity },
      pointer: '/body/quantity'
    })),
    { what: 'a list', body: [good], pointer: '/body' }
  ]) {
    it(`return 400 for ${what} with a pointer to ${pointer}`, async () => {
      const { body: problem } = await add(body).expect(400)
      assert.equal(problem.errors[0].pointer, pointer)
      assert.equal((await contents()).version, 1)
    })
  }

  it('return 400 for a body that could change a prototype, and for malformed JSON', async () => {
    for (const text of [
      `{"__proto__":{"sku":"A"},"productId":"${productId}"}`,
      '{"constructor":{"prototype":{}}}',
      '{'
    ]) {
      const answer = await service.send('post', `/carts/${id}/lines`).type('json').send(text).expect(400)
      assert.equal(answer.body.errors[0].pointer, '/body')
    }
  })

  it('return 413 for a huge body', async () => {
    await add({ productId, sku: 'x'.repeat(70_000) }).expect(413)
  })

  it('return 400 for malformed paths and ETags', async () => {
    await service.send('get', '/carts/crt_1').expect(400)
    await service.send('get', '/carts/*').expect(400)
    await service.send('get', `/carts/${newId('crt')}`).expect(404)
    const put = (path: string, etag: string) => service.send('put', path).set('If-Match', etag).send({ quantity: 1 })
    await put(`/carts/${id}/lines/${productId}/%E0%A4%A`, '"1"').expect(400)
    await put(`/carts/${id}/lines/prd_1/MUG`, '"1"').expect(400)
    await put(pathOf('MUG'), '*').expect(400)
  })
})
