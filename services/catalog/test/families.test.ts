import assert from 'node:assert/strict'
import { allItems } from '@bulkhead/testing/all-items'
import { family } from '../src/families/schemas.ts'
import { type Listed, mug, pointersOf, startService } from './helper.ts'

const attributes = [
  { name: 'material', type: 'text', required: true },
  { name: 'volume/ml', type: 'number', required: true },
  { name: 'dishwasher', type: 'boolean', required: false },
  { name: 'glaze', type: 'choice', required: false, choices: ['salt', 'ash'] }
]

describe('families', () => {
  let shop: Awaited<ReturnType<typeof startService>>
  before(async () => {
    shop = await startService()
  })
  after(() => shop.close())

  const replace = (id: string, version: number, fields: object) =>
    shop.staff('put', `/families/${id}`).set('If-Match', `"${version}"`).send(fields)

  it('can be created by staff and read by everyone, with an ETag', async () => {
    const made = await shop.made('/families', { name: 'Mugs', attributes })
    assert.deepEqual(made, { id: made.id, version: 1, name: 'Mugs', attributes })
    assert.deepEqual(family.parse(made), made)
    const { body, headers } = await shop.anyone.get(`/families/${made.id}`).expect(200)
    assert.deepEqual(body, made)
    await shop.anyone.get(`/families/${made.id}`).set('If-None-Match', headers.etag!).expect(304)
    await shop.anyone.post('/families').send({ name: 'Cups' }).expect(401)
    await shop.anyone.get(`/families/fam_${'0'.repeat(26)}`).expect(404)
    assert.deepEqual(await shop.eventsOf('families', made.id), [['catalog.family.created', 1]])
  })

  it('return a 409 for the name of another family', async () => {
    await shop.made('/families', { name: 'Own' })
    const { body } = await shop.staff('post', '/families').send({ name: 'Own' }).expect(409)
    assert.equal(body.type, 'urn:bulkhead:problem:name-taken')
    const { id } = await shop.made('/families', { name: 'Other' })
    await replace(id, 1, { name: 'Own' }).expect(409)
  })

  it('can be replaced only with the current version', async () => {
    const { id } = await shop.made('/families', { name: 'Plates', attributes })
    await shop.staff('put', `/families/${id}`).send({ name: 'Plates' }).expect(428)
    await replace(id, 2, { name: 'Plates' }).expect(412)
    assert.equal((await replace(id, 1, { name: 'Plates', attributes }).expect(200)).body.version, 1)
    const { body } = await replace(id, 1, { name: 'Dishes' }).expect(200)
    assert.deepEqual(body, { id, version: 2, name: 'Dishes', attributes: [] })
    assert.deepEqual((await shop.eventsOf('families', id))[1], ['catalog.family.changed', 2])
  })

  it('return a 400 for attributes without a type or choices, and for repeated names', async () => {
    for (const [wrong, pointer] of [
      [[{ name: 'a' }], '/body/attributes/0/type'],
      [[{ name: 'a', type: 'choice' }], '/body/attributes/0/choices'],
      [[{ name: 'a', type: 'choice', choices: [] }], '/body/attributes/0/choices'],
      [[{ name: 'a', type: 'choice', choices: ['red', 'blue', 'red'] }], '/body/attributes/0/choices'],
      [[{ name: { $ne: 1 }, type: 'text' }], '/body/attributes/0/name'],
      [[...attributes, attributes[0]], '/body/attributes']
    ] as const) {
      const { body } = await shop.staff('post', '/families').send({ name: 'Wrong', attributes: wrong }).expect(400)
      assert.deepEqual(pointersOf(body), [pointer])
    }
  })

  it('check the attributes that they name, and accept any text in other attributes', async () => {
    const { id } = await shop.made('/families', { name: 'Typed', attributes })
    const wrong = { 'volume/ml': '0x10', dishwasher: 'yes', glaze: 'lead', other: 'free' }
    const fields = { ...mug('typed'), family: id, attributes: wrong }
    const { body } = await shop.staff('post', '/products').send(fields).expect(422)
    assert.deepEqual(pointersOf(body), [
      '/body/attributes/dishwasher',
      '/body/attributes/glaze',
      '/body/attributes/volume~1ml'
    ])
    const right = { 'volume/ml': '-250.5', dishwasher: 'true', glaze: 'ash', other: 'free' }
    await shop.made('/products', { ...fields, attributes: right })
  })

  it('prevent the publication of a product without required attributes, and name each missing one', async () => {
    const { id: family } = await shop.made('/families', { name: 'Required', attributes })
    const fields = { ...mug('required'), family }
    const { id } = await shop.made('/products', { ...fields, variants: [{ sku: 'required-1' }] })
    const publish = (version: number) => shop.staff('post', `/products/${id}/publish`).set('If-Match', `"${version}"`)
    const { body } = await publish(1).expect(422)
    assert.equal(body.type, 'urn:bulkhead:problem:incomplete-product')
    assert.deepEqual(pointersOf(body), ['/attributes/material', '/attributes/volume~1ml', '/variants/0/prices'])
    const complete = { ...fields, attributes: { material: 'clay', 'volume/ml': '300' } }
    await shop.staff('put', `/products/${id}`).set('If-Match', '"1"').send(complete).expect(200)
    await publish(2).expect(200)
    await shop.staff('put', `/products/${id}`).set('If-Match', '"3"').send(fields).expect(422)
  })

  it('prevent the publication of a draft whose attribute no longer has the right type', async () => {
    const { id: family } = await shop.made('/families', { name: 'Typed later' })
    const { id } = await shop.made('/products', { ...mug('typed-later'), family, attributes: { 'volume/ml': 'much' } })
    await replace(family, 1, { name: 'Typed later', attributes: [attributes[1]] }).expect(200)
    const { body } = await shop.staff('post', `/products/${id}/publish`).set('If-Match', '"1"').expect(422)
    assert.deepEqual(
      [body.type, pointersOf(body)],
      ['urn:bulkhead:problem:inconsistent-product', ['/attributes/volume~1ml']]
    )
  })

  it('keep products published when they require more attributes, until the next edit', async () => {
    const { id: family } = await shop.made('/families', { name: 'Growing' })
    const { id } = await shop.published({ ...mug('growing'), family })
    await replace(family, 1, { name: 'Growing', attributes: [attributes[0]] }).expect(200)
    await shop.anyone.get(`/products/${id}`).expect(200)
    const edit = (fields: object) => shop.staff('patch', `/products/${id}`).set('If-Match', '"2"').send(fields)
    assert.deepEqual(pointersOf((await edit({ title: 'Jug' }).expect(422)).body), ['/body/attributes/material'])
    await edit({ title: 'Jug', attributes: { material: 'clay' } }).expect(200)
  })

  it('are listed in the order of creation', async () => {
    const made: string[] = []
    for (const name of ['One', 'Two', 'Three']) made.push((await shop.made('/families', { name })).id)
    const items = await allItems<Listed>(cursor => shop.anyone.get(`/families?limit=2${cursor}`).expect(200))
    assert.deepEqual(items.map(({ id }) => id).slice(-3), made)
    assert.equal(new Set(items.map(({ id }) => id)).size, await shop.families.collection.countDocuments({}))
  })

  it('are fewer on a page if they are large', async () => {
    const choices = Array.from({ length: 200 }, (_, place) => `${place}-${'x'.repeat(240)}`)
    const large = Array.from({ length: 19 }, (_, place) => ({
      name: `choice ${place}`,
      type: 'choice',
      required: false,
      choices
    }))
    for (let count = 0; count < 6; count++) await shop.made('/families', { name: `Large ${count}`, attributes: large })
    const { body } = await shop.anyone.get('/families?limit=100').expect(200)
    assert.ok(body.nextCursor)
    assert.ok(Buffer.byteLength(JSON.stringify(body)) < 5 * 2 ** 20)
  })
})
