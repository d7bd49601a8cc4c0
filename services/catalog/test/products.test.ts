import assert from 'node:assert/strict'
import { customer } from '@bulkhead/testing/callers'
import { product } from '../src/products/schemas.ts'
import { assertFields, mug, pointersOf, startService } from './helper.ts'

const whole = {
  handle: 'kaffeebecher-größe_ça',
  title: 'Cup',
  description: '<p>Bone china</p>',
  vendor: 'Pottery',
  type: 'Cups',
  categories: [],
  tags: ['new', 'blue'],
  options: [
    { name: 'Size (cm.)', values: ['10', '20'] },
    { name: '$ref', values: ['blue'] }
  ],
  variants: [
    {
      sku: 'CUP-10',
      options: { 'Size (cm.)': '10', $ref: 'blue' },
      prices: [
        { amount: 1250, currency: 'EUR' },
        { amount: 1900, currency: 'JPY' }
      ],
      compareAtPrices: [{ amount: 1500, currency: 'EUR' }],
      weightGrams: 250,
      barcode: '0012345',
      requiresShipping: true,
      taxable: false,
      media: 'https://images.example/cup.jpg'
    },
    { sku: 'CUP-20', options: { 'Size (cm.)': '20', $ref: 'blue' }, prices: [], requiresShipping: true, taxable: true }
  ],
  media: [
    { url: 'images/back.jpg', position: 1 },
    { url: 'https://images.example/cup.jpg', position: 2, alt: 'A cup' }
  ],
  seo: { title: 'Cups' },
  attributes: { 'custom.material': 'china', $id: 'x', constructor: 'hand' }
}

describe('products', () => {
  let shop: Awaited<ReturnType<typeof startService>>
  before(async () => {
    shop = await startService()
  })
  after(() => shop.close())

  it('start as drafts that only staff can see', async () => {
    const { body, headers } = await shop.staff('post', '/products').send(mug('draft')).expect(201)
    assert.equal(body.status, 'draft')
    assert.equal(headers.etag, '"1"')
    assert.deepEqual(product.parse(body), body)
    await shop.anyone.get(`/products/${body.id}`).expect(404)
    await shop.anyone.get(`/products/${body.id}`).set('Authorization', customer().header).expect(404)
    await shop.staff('get', `/products/${body.id}`).expect(200)
  })

  it('keep all fields that staff sends, with any names', async () => {
    const { id, version, status, createdAt, ...fields } = await shop.made('/products', whole)
    assert.deepEqual(fields, whole)
    const { body } = await shop.staff('get', `/products/${id}`)
    assert.deepEqual(body, { ...whole, id, version, status, createdAt })
    assert.deepEqual(product.parse(body), body)
  })

  it('have images sorted by position, numbered from 1', async () => {
    const media = [{ url: 'a' }, { url: 'b', position: 7 }, { url: 'c', position: 1 }]
    const { media: shown } = await shop.made('/products', { ...mug('ordered'), media })
    assert.deepEqual(shown, [
      { url: 'a', position: 1 },
      { url: 'c', position: 2 },
      { url: 'b', position: 3 }
    ])
  })

  it('can have 2,048 variants and a long description', async () => {
    const values = Array.from({ length: 2048 }, (_, number) => String(number))
    const variants = values.map(value => ({ sku: `large-${value}`, options: { Number: value } }))
    const large = { ...mug('large'), description: 'x'.repeat(524_288), options: [{ name: 'Number', values }], variants }
    const { id } = await shop.made('/products', large)
    const { body } = await shop.staff('get', `/products/${id}`)
    assert.deepEqual(body.variants[2047].options, { Number: '2047' })
    const more = { ...large, variants: [...variants, { sku: 'large', options: { Number: '1' } }] }
    assert.deepEqual(pointersOf((await shop.staff('post', '/products').send(more).expect(400)).body), [
      '/body/variants'
    ])
  })

  it('are visible to everyone when they are published, and return a 304 for a known ETag', async () => {
    const body = await shop.published(mug('seen'))
    const { body: seen, headers } = await shop.anyone.get(`/products/${body.id}`).expect(200)
    assert.deepEqual(seen, body)
    const again = await shop.anyone.get(`/products/${body.id}`).set('If-None-Match', headers.etag!).expect(304)
    assert.equal(again.headers.etag, headers.etag)
  })

  it('can be published and archived only with the current version', async () => {
    const { id } = await shop.published(mug('guarded'))
    const archive = () => shop.staff('post', `/products/${id}/archive`)
    await archive().expect(428)
    await archive().set('If-Match', '"1"').expect(412)
    const { body: archived } = await archive().set('If-Match', '"2"').expect(200)
    assertFields(archived, { status: 'archived', version: 3 })
    await shop.anyone.get(`/products/${id}`).expect(404)
    await shop.staff('post', `/products/${id}/publish`).set('If-Match', '"3"').expect(409)
    assert.deepEqual(await shop.eventsOf('products', id), [
      ['catalog.product.created', 1],
      ['catalog.product.published', 2],
      ['catalog.product.archived', 3]
    ])
  })

  it('return a 409 for a handle or a SKU of another product, even of an archived one', async () => {
    const { id } = await shop.made('/products', mug('twice'))
    await shop.staff('post', `/products/${id}/archive`).set('If-Match', '"1"').expect(200)
    const handle = await shop
      .staff('post', '/products')
      .send({ ...mug('twice'), variants: [] })
      .expect(409)
    assert.equal(handle.body.type, 'urn:bulkhead:problem:handle-taken')
    assert.deepEqual(pointersOf(handle.body), ['/body/handle'])
    const more = { ...mug('other'), options: [{ name: 'Size', values: ['S', 'L'] }] }
    const variants = [
      { sku: 'free', options: { Size: 'S' } },
      { sku: 'twice-1', options: { Size: 'L' } }
    ]
    const sku = await shop
      .staff('post', '/products')
      .send({ ...more, variants })
      .expect(409)
    assert.equal(sku.body.type, 'urn:bulkhead:problem:sku-taken')
    assert.deepEqual(pointersOf(sku.body), ['/body/variants'])
    await shop.made('/products', { ...mug('none'), variants: [] })
    await shop.made('/products', { ...mug('none-again'), variants: [] })
  })

  it('can be created only by staff', async () => {
    await shop.anyone.post('/products').send(mug('anyone')).expect(401)
    await shop.anyone.post('/products').set('Authorization', customer().header).send(mug('them')).expect(403)
  })

  it('are created once for an Idempotency-Key; a repeated request returns the current state', async () => {
    const make = (fields: object) =>
      shop.staff('post', '/products').set('Idempotency-Key', 'key-of-a-product').send(fields)
    const { body } = await make(mug('keyed')).expect(201)
    assert.deepEqual((await make(mug('keyed')).expect(201)).body, body)
    const refused = await make({ ...mug('keyed'), title: 'Cup' }).expect(422)
    assert.equal(refused.body.type, 'urn:bulkhead:problem:idempotency-key-reused')
    const edit = { title: 'Better mug', handle: 'better' }
    await shop.staff('patch', `/products/${body.id}`).set('If-Match', '"1"').send(edit).expect(200)
    const { body: again, headers } = await make(mug('keyed')).expect(201)
    assert.deepEqual(again, { ...body, ...edit, version: 2 })
    assert.equal(headers.etag, '"2"')
  })

  it('are returned for a repeated request even if their family has changed', async () => {
    const attributes = [{ name: 'size', type: 'text', required: false }]
    const family = await shop.made('/families', { name: 'Keyed', attributes })
    const fields = { ...mug('keyed-family'), family: family.id, attributes: { size: 'big' } }
    const make = () => shop.staff('post', '/products').set('Idempotency-Key', 'key-of-a-family').send(fields)
    const { body } = await make().expect(201)
    const numbers = { name: 'Keyed', attributes: [{ ...attributes[0], type: 'number' }] }
    await shop.staff('put', `/families/${family.id}`).set('If-Match', '"1"').send(numbers).expect(200)
    assert.deepEqual((await make().expect(201)).body, body)
  })
})
