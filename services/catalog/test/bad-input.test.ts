import assert from 'node:assert/strict'
import { mug, pointersOf, startService } from './helper.ts'

/** A product with a wrong value in each of these fields. */
const WRONG_FIELDS = {
  ...mug('x'),
  handle: 'No Handle',
  title: { $gt: '' },
  family: { $ne: null },
  categories: [{ $exists: true }],
  tags: ['a\0b', '\ud800'],
  variants: [{ sku: 1, prices: [{ amount: 0.5, currency: 'XXX' }], media: ' ' }],
  media: [{ url: 'javascript:alert(1)' }],
  attributes: { colour: { $set: 1 } }
}

describe('the validation of requests', () => {
  let shop: Awaited<ReturnType<typeof startService>>
  before(async () => {
    shop = await startService()
  })
  after(() => shop.close())

  const paths: [string, string][] = [
    ['/products/prd_1', '/params/id'],
    [`/products/cat_${'0'.repeat(26)}`, '/params/id'],
    ['/products/__proto__', '/params/id'],
    ['/families/prd_1', '/params/id'],
    ['/categories/%00', '/params/id'],
    ['/products?cursor=abc', '/query/cursor'],
    ['/families?cursor=W10', '/query/cursor'],
    ['/categories?cursor=WyIiXQ', '/query/cursor'],
    ['/products?limit=0', '/query/limit'],
    ['/products?limit%5B$gt%5D=1', '/query/limit[$gt]'],
    ['/products?tag%5B$ne%5D=x', '/query/tag[$ne]'],
    ['/products?$where=false', '/query/$where'],
    ['/products?handle%5B$regex%5D=zzz', '/query/handle[$regex]'],
    ['/products?ids=prd_1', '/query/ids/0'],
    ['/categories?ids=', '/query/ids/0'],
    ['/products?sort=price', '/query/sort'],
    ['/products?sort=constructor', '/query/sort'],
    ['/products?status=gone', '/query/status'],
    ['/products?tag=a&tag=b', '/query/tag'],
    ['/products?category=mugs', '/query/category'],
    ['/products?family=$ne', '/query/family'],
    ['/categories?parent=', '/query/parent']
  ]
  for (const [path, pointer] of paths) {
    it(`refuses ${path} with a 400 that points to ${pointer}`, async () => {
      assert.deepEqual(pointersOf((await shop.anyone.get(path).expect(400)).body), [pointer])
    })
  }

  it('names each wrong place in a body', async () => {
    const { body } = await shop.staff('post', '/products').send(WRONG_FIELDS).expect(400)
    assert.deepEqual(pointersOf(body), [
      '/body/attributes/colour',
      '/body/categories/0',
      '/body/family',
      '/body/handle',
      '/body/media/0/url',
      '/body/tags/0',
      '/body/tags/1',
      '/body/title',
      '/body/variants/0/media',
      '/body/variants/0/prices/0/amount',
      '/body/variants/0/prices/0/currency',
      '/body/variants/0/sku'
    ])
  })

  it('refuses a key that differs from another key only in white space', async () => {
    const attributes = { Colour: 'red', 'Colour ': 'blue' }
    const { body } = await shop
      .staff('post', '/products')
      .send({ ...mug('x'), attributes })
      .expect(400)
    assert.deepEqual(pointersOf(body), ['/body/attributes/Colour '])
  })

  it('trims a text before it checks the length', async () => {
    const title = ` ${'x'.repeat(255)} `
    const made = await shop.made('/products', { ...mug('long'), title, seo: {} })
    assert.equal(made.title, title.trim())
    assert.equal(made.seo, undefined)
  })

  for (const handle of ['Mug', 'mu\u0308g', '-mug', 'mug/a', '']) {
    it(`refuses ${JSON.stringify(handle)} as a handle`, async () => {
      const { body } = await shop
        .staff('post', '/products')
        .send({ ...mug('x'), handle })
        .expect(400)
      assert.deepEqual([...new Set(pointersOf(body))], ['/body/handle'])
    })
  }

  for (const text of [
    '{"__proto__":{"status":"published"}}',
    '{"attributes":{"__proto__":"x"}}',
    '{"title":',
    '\ufffd{'
  ]) {
    it(`refuses the body ${text}`, async () => {
      const request = shop.staff('post', '/products').set('Content-Type', 'application/json')
      assert.deepEqual(pointersOf((await request.send(text).expect(400)).body), ['/body'])
    })
  }

  it('refuses __proto__ as the name of an option', async () => {
    const options = [{ name: '__proto__', values: ['x'] }]
    const { body } = await shop
      .staff('post', '/products')
      .send({ ...mug('x'), options })
      .expect(400)
    assert.deepEqual(pointersOf(body), ['/body/options/0/name'])
  })

  it('refuses fields that staff may not set', async () => {
    const fields = { id: `prd_${'0'.repeat(26)}`, version: 7, status: 'published', outbox: [], skus: ['x'] }
    const { body } = await shop
      .staff('post', '/products')
      .send({ ...mug('mine'), ...fields })
      .expect(400)
    assert.deepEqual(pointersOf(body), ['/body/id', '/body/outbox', '/body/skus', '/body/status', '/body/version'])
  })

  it('accepts a product of 4 MiB and refuses a larger one with a 413', async () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 66 }, (_, number) => [number, 'x'.repeat(64 * 1024 - 1)])
    )
    await shop
      .staff('post', '/products')
      .send({ ...mug('large'), attributes })
      .expect(413)
    const { 0: _, 1: __, 2: ___, ...fewer } = attributes
    await shop.made('/products', { ...mug('large'), attributes: fewer })
  })
})
