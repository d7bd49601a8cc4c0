import assert from 'node:assert/strict'
import { assertFields, mug, pointersOf, startService } from './helper.ts'

describe('edits of products', () => {
  let shop: Awaited<ReturnType<typeof startService>>
  before(async () => {
    shop = await startService()
  })
  after(() => shop.close())

  const put = (id: string, version: number, fields: object) =>
    shop.staff('put', `/products/${id}`).set('If-Match', `"${version}"`).send(fields)
  const patch = (id: string, version: number, fields: object) =>
    shop.staff('patch', `/products/${id}`).set('If-Match', `"${version}"`).send(fields)

  it('replace every field, and remove fields that are missing in a PUT', async () => {
    const { id, createdAt } = await shop.made('/products', { ...mug('replaced'), vendor: 'Pottery', tags: ['new'] })
    const { body } = await put(id, 1, { handle: 'replacement', title: 'Cup' }).expect(200)
    assert.deepEqual(body, {
      id,
      version: 2,
      status: 'draft',
      createdAt,
      handle: 'replacement',
      title: 'Cup',
      description: '',
      categories: [],
      tags: [],
      options: [],
      variants: [],
      media: [],
      attributes: {}
    })
    assert.deepEqual((await shop.staff('get', `/products/${id}`)).body, body)
    assert.deepEqual((await shop.eventsOf('products', id))[1], ['catalog.product.changed', 2])
    await shop.made('/products', mug('replaced'))
  })

  it('keep a field of a newer release, but do not show it', async () => {
    const { id } = await shop.made('/products', mug('newer'))
    const stored = shop.db.collection<{ _id: string; touched?: string }>('products')
    await stored.updateOne({ _id: id }, { $set: { touched: 'by a newer release' } })
    const before = (await shop.staff('get', `/products/${id}`)).body
    assert.ok(!('touched' in before))
    const { body } = await patch(id, 1, { title: 'Newer mug' }).expect(200)
    assert.deepEqual(body, { ...before, title: 'Newer mug', version: 2 })
    assert.equal((await stored.findOne({ _id: id }))!.touched, 'by a newer release')
  })

  it('change nothing and publish no event if all fields are the same', async () => {
    const { id } = await shop.made('/products', mug('same'))
    const { body } = await put(id, 1, mug('same')).expect(200)
    assert.equal(body.version, 1)
    assert.equal((await shop.eventsOf('products', id)).length, 1)
    // A PUT with an unknown option must be refused, although the option would not be stored.
    const [variant] = mug('same').variants
    const bogus = { ...mug('same'), variants: [{ ...variant, options: { Bogus: 'x' } }] }
    assert.deepEqual(pointersOf((await put(id, 1, bogus).expect(422)).body), ['/body/variants/0/options/Bogus'])
  })

  it('patch the named fields, remove null fields and replace whole lists', async () => {
    const fields = { ...mug('patched'), vendor: 'Pottery', tags: ['a', 'b'], attributes: { glaze: 'salt', size: '1' } }
    const before = await shop.made('/products', { ...fields, seo: { title: 'Mugs', description: 'Ours' } })
    const { body } = await patch(before.id, 1, {
      title: 'Salted mug',
      vendor: null,
      tags: ['c'],
      seo: { title: null },
      attributes: { size: null, handle: 'round' }
    }).expect(200)
    const { vendor, ...rest } = before
    assert.deepEqual(body, {
      ...rest,
      version: 2,
      title: 'Salted mug',
      tags: ['c'],
      seo: { description: 'Ours' },
      attributes: { glaze: 'salt', handle: 'round' }
    })
  })

  it('refuse a patch with an invalid result, and name the place', async () => {
    const { id } = await shop.made('/products', mug('bad-patch'))
    for (const [fields, status, pointer] of [
      [{ title: null }, 400, '/body/title'],
      [{ title: { $set: 'x' } }, 400, '/body/title'],
      [{ tags: { $each: ['x'] } }, 400, '/body/tags'],
      [[{ op: 'remove', path: '/title' }], 400, '/body'],
      [{ variants: [{ sku: 'x', options: { Size: 'S' } }] }, 422, '/body/variants/0/options/Size']
    ] as const) {
      assert.deepEqual(pointersOf((await patch(id, 1, fields).expect(status)).body), [pointer])
    }
  })

  it('return a 422 if the product would become larger than a request may be', async () => {
    const { id } = await shop.made('/products', mug('grown'))
    const large = (prefix: string) => ({
      attributes: Object.fromEntries(
        Array.from({ length: 40 }, (_, place) => [`${prefix}${place}`, 'x'.repeat(64_000)])
      )
    })
    await patch(id, 1, large('a')).expect(200)
    const { body } = await patch(id, 2, large('b')).expect(422)
    assert.equal(body.type, 'urn:bulkhead:problem:product-too-large')
  })

  it('require staff, the current version and an existing product', async () => {
    const { id } = await shop.made('/products', mug('guarded'))
    for (const method of ['put', 'patch'] as const) {
      await shop.staff(method, `/products/${id}`).send(mug('guarded')).expect(428)
      await shop.staff(method, `/products/${id}`).set('If-Match', '"2"').send(mug('guarded')).expect(412)
      await shop.staff(method, `/products/${id}`).set('If-Match', '*').send(mug('guarded')).expect(400)
      await shop.anyone[method](`/products/${id}`).set('If-Match', '"1"').send(mug('guarded')).expect(401)
      await shop
        .staff(method, `/products/prd_${'0'.repeat(26)}`)
        .set('If-Match', '"1"')
        .send(mug('guarded'))
        .expect(404)
    }
  })

  it('report a missing product or a wrong version before wrong fields', async () => {
    const { id } = await shop.made('/products', mug('order'))
    const wrong = { ...mug('order'), family: `fam_${'0'.repeat(26)}` }
    await put(id, 2, wrong).expect(412)
    await patch(id, 2, { title: null }).expect(412)
    await put(`prd_${'0'.repeat(26)}`, 1, wrong).expect(404)
    await put(id, 1, wrong).expect(422)
  })

  it('let only one of two concurrent editors succeed', async () => {
    const { id } = await shop.made('/products', mug('raced'))
    const answers = await Promise.all(['one', 'other'].map(title => patch(id, 1, { title })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412])
  })

  it('return a 409 for a handle or a SKU of another product', async () => {
    const { id } = await shop.made('/products', mug('first'))
    await shop.made('/products', mug('second'))
    assert.deepEqual(pointersOf((await patch(id, 1, { handle: 'second' }).expect(409)).body), ['/body/handle'])
    const taken = await patch(id, 1, { variants: mug('second').variants }).expect(409)
    assert.deepEqual(pointersOf(taken.body), ['/body/variants'])
  })

  it('return a 422 if a published product would become incomplete', async () => {
    const { id, publishedAt } = await shop.published(mug('kept'))
    for (const [fields, pointer] of [
      [{ variants: [] }, '/body/variants'],
      [{ variants: [{ sku: 'kept-1' }] }, '/body/variants/0/prices']
    ] as const) {
      const { body } = await patch(id, 2, fields).expect(422)
      assert.equal(body.type, 'urn:bulkhead:problem:incomplete-product')
      assert.deepEqual(pointersOf(body), [pointer])
    }
    const { body } = await patch(id, 2, { title: 'Better mug' }).expect(200)
    assertFields(body, { status: 'published', publishedAt, title: 'Better mug' })
  })

  it('return a 422 for families and categories that do not exist', async () => {
    const none = '0'.repeat(26)
    const { id: known } = await shop.made('/categories', { name: 'Mugs' })
    const fields = { ...mug('lost'), family: `fam_${none}`, categories: [known, `cat_${none}`] }
    const { body } = await shop.staff('post', '/products').send(fields).expect(422)
    assert.equal(body.type, 'urn:bulkhead:problem:no-such-reference')
    assert.deepEqual(pointersOf(body), ['/body/categories/1', '/body/family'])
    const { id } = await shop.made('/products', { ...mug('lost'), categories: [known] })
    await put(id, 1, fields).expect(422)
  })
})
