import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { startService } from './helper.ts'

describe('lines of a cart', () => {
  const productId = newId('prd')
  let service: Awaited<ReturnType<typeof startService>>
  let id: string
  before(async () => {
    service = await startService()
    service.offers([])
  })
  beforeEach(async () => {
    id = (await service.send('post', '/carts').expect(201)).body.id
  })
  after(() => service.close())

  const add = (body: object) => service.send('post', `/carts/${id}/lines`).send(body)
  const at = (method: 'put' | 'delete', sku: string, version?: number) => {
    const test = service.send(method, `/carts/${id}/lines/${productId}/${encodeURIComponent(sku)}`)
    return version === undefined ? test : test.set('If-Match', `"${version}"`)
  }
  const contents = async () => {
    const { body } = await service.send('get', `/carts/${id}`).expect(200)
    return { version: body.version, lines: body.lines.map(({ sku, quantity }: never) => [sku, quantity]) }
  }

  it('add up, in the order in which they came', async () => {
    await add({ productId, sku: 'B' }).expect(200, { productId, sku: 'B', quantity: 1 })
    await add({ productId, sku: 'A', quantity: 3 }).expect(200)
    const { body, headers } = await add({ productId, sku: 'B', quantity: 2 }).expect(200)
    assert.deepEqual([body.quantity, headers.etag], [3, '"4"'])
    const lines = [
      ['B', 3],
      ['A', 3]
    ]
    assert.deepEqual(await contents(), { version: 4, lines })
  })

  it('lose nothing when 50 requests add 9 products at once', async () => {
    const products = Array.from({ length: 9 }, () => newId('prd'))
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, turn) =>
        add({ productId: products[turn % 9], sku: 'MUG', quantity: 1 + (turn % 3) })
      )
    )
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    const { body } = await service.send('get', `/carts/${id}`)
    const of = (product: number) =>
      Array.from({ length: 50 }, (_, turn) => (turn % 9 === product ? 1 + (turn % 3) : 0)).reduce(
        (sum, one) => sum + one
      )
    assert.equal(body.version, 51)
    assert.deepEqual(
      new Map(body.lines.map(({ productId, quantity }: never) => [productId, quantity])),
      new Map(products.map((product, number) => [product, of(number)]))
    )
  })

  it('are set and taken out by who read the present version', async () => {
    await at('put', 'MUG').send({ quantity: 7 }).expect(428)
    const { body, headers } = await at('put', 'MUG', 1).send({ quantity: 7 }).expect(200)
    assert.deepEqual([body, headers.etag], [{ productId, sku: 'MUG', quantity: 7 }, '"2"'])
    await at('put', 'MUG', 1).send({ quantity: 8 }).expect(412)
    await at('put', 'MUG', 2).send({ quantity: 2 }).expect(200)
    assert.deepEqual(await contents(), { version: 3, lines: [['MUG', 2]] })
    await at('delete', 'MUG').expect(428)
    await at('delete', 'MUG', 2).expect(412)
    const { headers: gone } = await at('delete', 'MUG', 3).expect(204)
    assert.equal(gone.etag, '"4"')
    await at('delete', 'MUG', 4).expect(404)
    assert.deepEqual(await contents(), { version: 4, lines: [] })
  })

  const LONGEST_SKU = '\u6f22'.repeat(255)
  for (const sku of ['a/b c', '%2F', '{cart}', '__proto__', 'Größe 42 🧦', '..a', '$gt', LONGEST_SKU]) {
    it(`take any SKU, such as ${sku.slice(0, 20)}`, async () => {
      await add({ productId, sku }).expect(200)
      await at('put', sku, 2).send({ quantity: 5 }).expect(200)
      assert.deepEqual((await contents()).lines, [[sku, 5]])
      await at('delete', sku, 3).expect(204)
    })
  }

  it('have 999 pieces at most; the answer names the place, and nothing changes', async () => {
    await add({ productId, sku: 'MUG', quantity: 999 }).expect(200)
    const { body } = await add({ productId, sku: 'MUG' }).expect(409)
    assert.deepEqual([body.type, body.errors[0].pointer], ['urn:bulkhead:problem:cart-full', '/body/quantity'])
    assert.deepEqual(await contents(), { version: 2, lines: [['MUG', 999]] })
  })

  it('are 100 at most; the answer names the place, and nothing changes', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, number) => add({ productId, sku: `S${number}` }).expect(200)))
    const before = await contents()
    for (const answer of [await add({ productId, sku: 'more' }), await at('put', 'more', 101).send({ quantity: 1 })]) {
      assert.deepEqual([answer.status, answer.body.errors[0].pointer], [409, '/body'])
    }
    assert.deepEqual(await contents(), before)
    await add({ productId, sku: 'S7' }).expect(200)
    await at('delete', 'S7', 102).expect(204)
    await add({ productId, sku: 'more' }).expect(200)
  })

  const good = { productId, sku: 'MUG', quantity: 1 }
  for (const [what, body, pointer] of [
    ['an operator for an ID', { ...good, productId: { $gt: '' } }, '/body/productId'],
    ['an operator for a SKU', { ...good, sku: { $gt: '' } }, '/body/sku'],
    ["another kind's ID", { ...good, productId: newId('fam') }, '/body/productId'],
    ['no ID', { sku: 'MUG' }, '/body/productId'],
    ['no SKU', { productId }, '/body/sku'],
    ['a blank SKU', { ...good, sku: ' ' }, '/body/sku'],
    ['a SKU that no path can have', { ...good, sku: '..' }, '/body/sku'],
    ['a SKU of half a character', { ...good, sku: 'a\ud800' }, '/body/sku'],
    ['a long SKU', { ...good, sku: 'x'.repeat(256) }, '/body/sku'],
    ...[0, -1, 1.5, 1000, '1', null, 1e300].map(
      quantity => [`a quantity of ${quantity}`, { ...good, quantity }, '/body/quantity'] as const
    ),
    ['a list', [good], '/body']
  ] as const) {
    it(`refuse ${what} and name ${pointer}`, async () => {
      const { body: problem } = await add(body).expect(400)
      assert.equal(problem.errors[0].pointer, pointer)
      assert.equal((await contents()).version, 1)
    })
  }

  it('refuse what would reach a prototype, and what is no JSON', async () => {
    for (const text of [
      `{"__proto__":{"sku":"A"},"productId":"${productId}"}`,
      '{"constructor":{"prototype":{}}}',
      '{'
    ]) {
      const answer = await service.send('post', `/carts/${id}/lines`).type('json').send(text).expect(400)
      assert.equal(answer.body.errors[0].pointer, '/body')
    }
  })

  it('refuse a huge body', async () => {
    await add({ productId, sku: 'x'.repeat(70_000) }).expect(413)
  })

  it('refuse malformed paths', async () => {
    await service.send('get', '/carts/crt_1').expect(400)
    await service.send('get', '/carts/*').expect(400)
    await service.send('get', `/carts/${newId('crt')}`).expect(404)
    await service
      .send('put', `/carts/${id}/lines/${productId}/%E0%A4%A`)
      .set('If-Match', '"1"')
      .send({ quantity: 1 })
      .expect(400)
    await service.send('put', `/carts/${id}/lines/prd_1/MUG`).set('If-Match', '"1"').send({ quantity: 1 }).expect(400)
    await at('put', 'MUG').set('If-Match', '*').send({ quantity: 1 }).expect(400)
  })
})
