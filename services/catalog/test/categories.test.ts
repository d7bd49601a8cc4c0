import assert from 'node:assert/strict'
import { category, MOST_LEVELS } from '../src/categories/schemas.ts'
import { pointersOf, startService } from './helper.ts'

describe('categories', () => {
  let shop: Awaited<ReturnType<typeof startService>>
  before(async () => {
    shop = await startService()
  })
  after(() => shop.close())

  const below = (name: string, parent?: string) => shop.made('/categories', { name, parent })
  const names = async (query: string) =>
    (await shop.anyone.get(`/categories?${query}`).expect(200)).body.items.map(({ name }: { name: string }) => name)

  it('can be created by staff and read by everyone, with their ancestors and an ETag', async () => {
    const home = await below('Home')
    const kitchen = await below('Kitchen', home.id)
    const mugs = await below('Mugs', kitchen.id)
    assert.deepEqual(home, { id: home.id, version: 1, name: 'Home', ancestors: [] })
    const ancestors = [home.id, kitchen.id]
    assert.deepEqual(mugs, { id: mugs.id, version: 1, name: 'Mugs', parent: kitchen.id, ancestors })
    assert.deepEqual(category.parse(mugs), mugs)
    const { body, headers } = await shop.anyone.get(`/categories/${mugs.id}`).expect(200)
    assert.deepEqual(body, mugs)
    await shop.anyone.get(`/categories/${mugs.id}`).set('If-None-Match', headers.etag!).expect(304)
    await shop.anyone.post('/categories').send({ name: 'Cups' }).expect(401)
    assert.deepEqual(await shop.eventsOf('categories', mugs.id), [['catalog.category.created', 1]])
    assert.deepEqual(await names(`ids=${mugs.id},${home.id}`), ['Mugs', 'Home'])
  })

  it('return a 409 for the name of another category below the same parent', async () => {
    const one = await below('One')
    const other = await below('Other')
    await below('Same', one.id)
    await below('Same', other.id)
    const again = await shop.staff('post', '/categories').send({ name: 'Same', parent: one.id }).expect(409)
    assert.deepEqual(pointersOf(again.body), ['/body/name'])
    await shop.staff('post', '/categories').send({ name: 'One' }).expect(409)
  })

  it('can be renamed only with the current version, and keep their parent', async () => {
    const top = await below('Top')
    const { id } = await below('Old', top.id)
    const rename = (name: string, version: number) =>
      shop.staff('put', `/categories/${id}`).set('If-Match', `"${version}"`).send({ name })
    await shop.staff('put', `/categories/${id}`).send({ name: 'New' }).expect(428)
    await rename('New', 2).expect(412)
    const { body } = await rename('New', 1).expect(200)
    assert.deepEqual(body, { id, version: 2, name: 'New', parent: top.id, ancestors: [top.id] })
    assert.deepEqual(await shop.eventsOf('categories', id), [
      ['catalog.category.created', 1],
      ['catalog.category.renamed', 2]
    ])
    await below('Old', top.id)
    await rename('Old', 2).expect(409)
    assert.equal((await rename('New', 2).expect(200)).body.version, 2)
  })

  it('return a 422 for a parent that does not exist or is at the last level', async () => {
    const make = (parent: string) => shop.staff('post', '/categories').send({ name: 'Too deep', parent }).expect(422)
    assert.deepEqual(pointersOf((await make(`cat_${'0'.repeat(26)}`)).body), ['/body/parent'])
    let lowest = await below('Level 1')
    for (let level = 2; level <= MOST_LEVELS; level++) lowest = await below(`Level ${level}`, lowest.id)
    assert.equal(lowest.ancestors.length, MOST_LEVELS - 1)
    assert.deepEqual(pointersOf((await make(lowest.id)).body), ['/body/parent'])
  })

  it('are listed by parent in the order of names', async () => {
    const top = await below('A shelf')
    for (const name of ['c', 'a', 'b']) await below(name, top.id)
    assert.deepEqual(await names(`parent=${top.id}`), ['a', 'b', 'c'])
    const { body } = await shop.anyone.get(`/categories?parent=${top.id}&limit=2`).expect(200)
    assert.deepEqual(await names(`parent=${top.id}&limit=2&cursor=${body.nextCursor}`), ['c'])
    await shop.anyone.get(`/categories?parent=none&limit=2&cursor=${body.nextCursor}`).expect(400)
    const tops = await names('parent=none&limit=100')
    assert.ok(tops.includes('A shelf'))
    assert.ok(!tops.includes('a'))
    assert.ok((await names('limit=100')).includes('a'))
    const both = await shop.anyone.get(`/categories?ids=${top.id}&parent=none`).expect(400)
    assert.deepEqual(pointersOf(both.body), ['/query/ids'])
  })
})
