import assert from 'node:assert/strict'
import { openApi } from '@bulkhead/chassis/openapi'
import request from 'supertest'
import { allOperations } from '../src/operations.ts'
import { product } from '../src/product-schemas.ts'
import { catalog } from './helper.ts'

const mug = (handle: string) => ({
  handle,
  title: 'Mug',
  variants: [{ sku: `${handle}-1`, options: {}, prices: [{ amount: 1250, currency: 'EUR' }] }]
})

describe('products', () => {
  let shop: Awaited<ReturnType<typeof catalog>>
  before(async () => {
    shop = await catalog('catalog-products')
  })
  after(() => shop.close())

  const staff = (method: 'get' | 'post', path: string) =>
    request(shop.app)[method](path).set('Authorization', 'Bearer staff')

  async function published(handle: string) {
    const { body } = await staff('post', '/products').send(mug(handle)).expect(201)
    return staff('post', `/products/${body.id}/publish`).set('If-Match', '"1"').expect(200)
  }

  it('are drafts first, which only staff sees', async () => {
    const { body, headers } = await staff('post', '/products').send(mug('draft')).expect(201)
    assert.equal(body.status, 'draft')
    assert.equal(headers.etag, '"1"')
    assert.deepEqual(product.parse(body), body)
    await request(shop.app).get(`/products/${body.id}`).expect(404)
    await request(shop.app).get(`/products/${body.id}`).set('Authorization', 'Bearer customer').expect(404)
    await staff('get', `/products/${body.id}`).expect(200)
  })

  it('are seen by anyone once published, with an ETag that spares reading them again', async () => {
    const { body } = await published('seen')
    const { body: seen, headers } = await request(shop.app).get(`/products/${body.id}`).expect(200)
    assert.deepEqual(seen, body)
    await request(shop.app).get(`/products/${body.id}`).set('If-None-Match', headers.etag!).expect(304)
  })

  it('are changed only by who read the present version', async () => {
    const { body } = await published('guarded')
    const archive = () => staff('post', `/products/${body.id}/archive`)
    await archive().expect(428)
    await archive().set('If-Match', '"1"').expect(412)
    const { body: archived } = await archive().set('If-Match', '"2"').expect(200)
    assert.deepEqual([archived.status, archived.version], ['archived', 3])
    await request(shop.app).get(`/products/${body.id}`).expect(404)
  })

  it('are not published without a variant; the answer names what is missing', async () => {
    const { body } = await staff('post', '/products').send({ ...mug('bare'), variants: [] })
    const answer = await staff('post', `/products/${body.id}/publish`).set('If-Match', '"1"').expect(422)
    assert.equal(answer.body.errors[0].pointer, '/variants')
  })

  it('have a handle of their own', async () => {
    await staff('post', '/products').send(mug('twice')).expect(201)
    const { body } = await staff('post', '/products').send(mug('twice')).expect(409)
    assert.equal(body.type, 'urn:bulkhead:problem:handle-taken')
  })

  it('write the event together with the state', async () => {
    const { body } = await published('with-events')
    const stored = await shop.products.collection.findOne({ _id: body.id })
    const outbox = (stored as unknown as { outbox: { type: string; version: number }[] }).outbox
    assert.deepEqual(
      outbox.map(({ type, version }) => [type, version]),
      [
        ['catalog.product.created', 1],
        ['catalog.product.published', 2]
      ]
    )
  })

  it('are listed page by page, each once', async () => {
    const made = new Set<string>()
    for (let number = 0; number < 5; number++) made.add((await published(`page-${number}`)).body.id)
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await request(shop.app).get(`/products?limit=2${cursor}`).expect(200)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      cursor = body.nextCursor ? `&cursor=${body.nextCursor}` : ''
    } while (cursor)
    assert.equal(new Set(seen).size, seen.length)
    assert.ok([...made].every(id => seen.includes(id)))
  })

  it('are read in batches by IDs, in their order, without those that are not there', async () => {
    const [one, two] = [(await published('batch-one')).body.id, (await published('batch-two')).body.id]
    const missing = `prd_${'0'.repeat(26)}`
    const { body } = await request(shop.app).get(`/products?ids=${two},${missing},${one}`).expect(200)
    assert.deepEqual(
      body.items.map(({ id }: { id: string }) => id),
      [two, one]
    )
  })

  for (const [path, pointer] of [
    ['/products/prd_1', '/params/id'],
    ['/products?cursor=abc', '/query/cursor'],
    ['/products?limit=0', '/query/limit'],
    ['/products?ids=prd_1', '/query/ids/0'],
    ['/products?limit[$gt]=1&limit=x', '/query/limit']
  ]) {
    it(`refuse ${path} and name ${pointer}`, async () => {
      const { body } = await request(shop.app).get(path!).expect(400)
      assert.equal(body.errors[0].pointer, pointer)
    })
  }

  it('refuse operators and wrong types in a body', async () => {
    const bad = { ...mug('x'), title: { $gt: '' }, variants: [{ sku: 1, prices: [{ amount: 0.5, currency: 'XXX' }] }] }
    const { body } = await staff('post', '/products').send(bad).expect(400)
    const pointers = body.errors.map(({ pointer }: { pointer: string }) => pointer)
    assert.deepEqual(pointers.sort(), [
      '/body/title',
      '/body/variants/0/prices/0/amount',
      '/body/variants/0/prices/0/currency',
      '/body/variants/0/sku'
    ])
  })

  it('are made by staff only', async () => {
    await request(shop.app).post('/products').send(mug('anyone')).expect(401)
    await request(shop.app).post('/products').set('Authorization', 'Bearer customer').send(mug('them')).expect(403)
  })

  it('have every operation in the OpenAPI document', () => {
    const { paths } = openApi({ service: 'catalog', version: '1', summary: '', operations: allOperations })
    const described = Object.values(paths).flatMap(path => Object.keys(path))
    assert.equal(described.length, allOperations.length)
  })
})
