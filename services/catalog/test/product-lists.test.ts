import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { allItems } from '@bulkhead/testing/all-items'
import fc from 'fast-check'
import { createDraft } from '../src/products/document.ts'
import { newProduct } from '../src/products/schemas.ts'
import { type Listed, mug, pointersOf, startService } from './helper.ts'

const trace = { traceparent: '' }
// Titles from few letters in upper and lower case, so that many titles have the same sort key.
const titles = fc.array(fc.string({ unit: fc.constantFrom('a', 'A', 'ä', 'b', '"'), minLength: 1, maxLength: 3 }), {
  minLength: 25,
  maxLength: 25
})

describe('lists of products', () => {
  let shop: Awaited<ReturnType<typeof startService>>
  before(async () => {
    shop = await startService()
  })
  beforeEach(() => shop.products.collection.deleteMany({}))
  after(() => shop.close())

  const handles = async (query: string, who = shop.anyone.get) => {
    const { body } = await who(`/products?${query}`).expect(200)
    return body.items.map(({ handle }: { handle: string }) => handle)
  }
  const asStaff = (path: string) => shop.staff('get', path)

  /** Stores a published product with each title, in this order. Every third product has a tag. */
  async function insertTitles(all: string[]) {
    await shop.products.collection.deleteMany({})
    const products = all.map((title, number) => {
      const fields = { ...mug(`list-${number}`), title, tags: number % 3 === 0 ? ['third'] : [] }
      return { ...createDraft(newProduct.parse(fields), new Date(number)), status: 'published' as const }
    })
    await shop.products.insertMany(
      products.map(state => ({ state, events: [] })),
      trace
    )
    return products
  }

  it('have each product once and in order, for any page size', async () => {
    await fc.assert(
      fc.asyncProperty(titles, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (all, limit, hasTag) => {
        const products = await insertTitles(all)
        const expected = products.filter(({ tags }) => !hasTag || tags.includes('third')).map(({ id }) => id)
        const read = async (sort: string) => {
          const query = `/products?limit=${limit}&sort=${sort}${hasTag ? '&tag=third' : ''}`
          return allItems<Listed>(cursor => shop.anyone.get(query + cursor).expect(200))
        }
        const idsBy = async (sort: string) => (await read(sort)).map(({ id }) => id)
        assert.deepEqual(await idsBy('createdAt'), expected)
        assert.deepEqual(await idsBy('-createdAt'), expected.toReversed())
        const byTitle = await read('title')
        const keys = byTitle.map(({ title, id }) => `${title.toLowerCase()}\0${id}`)
        assert.deepEqual(keys, keys.toSorted())
        assert.deepEqual(byTitle.map(({ id }) => id).sort(), expected.toSorted())
        assert.deepEqual(await idsBy('-title'), byTitle.map(({ id }) => id).reverse())
      }),
      { numRuns: 8 }
    )
  })

  it('continue after titles of any length and characters', async () => {
    // Two titles of each pair differ only after the sort key. Their products are created in reverse order.
    for (const [number, title] of ['\u0001', '😀', '漢', '"'].entries())
      for (const end of ['z', 'a'])
        await shop.published({ ...mug(`long-${number}-${end}`), title: `x${title.repeat(126)}${end}` })
    const items = await allItems<Listed>(cursor => shop.anyone.get(`/products?limit=1&sort=title${cursor}`).expect(200))
    assert.equal(items.length, 8)
    assert.equal(new Set(items.map(({ id }) => id)).size, 8)
    for (let pair = 0; pair < 8; pair += 2) {
      assert.equal(items[pair]!.title.slice(0, -1), items[pair + 1]!.title.slice(0, -1))
      assert.ok(items[pair]!.id < items[pair + 1]!.id)
    }
  })

  it('find products by the longest handle and tag', async () => {
    const longest = '\u6f22'.repeat(255)
    const { variants } = mug('m')
    await shop.published({
      handle: longest,
      title: longest,
      tags: [longest],
      variants: [{ ...variants[0], sku: longest }]
    })
    const name = encodeURIComponent(longest)
    for (const query of [`handle=${name}`, `tag=${name}`, `handle=${name}&tag=${name}`])
      assert.deepEqual(await handles(query), [longest])
  })

  it('have only published products for everyone except staff', async () => {
    await shop.published(mug('seen'))
    await shop.made('/products', mug('draft'))
    assert.deepEqual(await handles(''), ['seen'])
    assert.deepEqual(await handles('', asStaff), ['seen', 'draft'])
    assert.deepEqual(await handles('status=draft', asStaff), ['draft'])
    await shop.anyone.get('/products?status=draft').expect(403)
  })

  it('can be filtered by category, family, tag and handle together', async () => {
    const { id: category } = await shop.made('/categories', { name: 'Mugs' })
    const { id: family } = await shop.made('/families', { name: 'Mugs' })
    await shop.published({ ...mug('all'), categories: [category], family, tags: ['new', 'blue'] })
    await shop.published({ ...mug('some'), categories: [category], tags: ['blue'] })
    await shop.published(mug('none'))
    assert.deepEqual(await handles(`category=${category}`), ['all', 'some'])
    assert.deepEqual(await handles(`family=${family}`), ['all'])
    assert.deepEqual(await handles('tag=blue&sort=-createdAt'), ['some', 'all'])
    assert.deepEqual(await handles(`tag=new&category=${category}&handle=all`), ['all'])
    assert.deepEqual(await handles('tag=new&handle=some'), [])
    assert.deepEqual(await handles(`category=${newId('cat')}`), [])
  })

  it('have the products of `ids` in the same order, without missing and hidden products', async () => {
    const { id: one } = await shop.published(mug('one'))
    const { id: two } = await shop.published(mug('two'))
    const { id: draft } = await shop.made('/products', mug('draft'))
    const ids = [two, newId('prd'), draft, one].join(',')
    assert.deepEqual(await handles(`ids=${ids}`), ['two', 'one'])
    assert.deepEqual(await handles(`ids=${ids}`, asStaff), ['two', 'draft', 'one'])
  })

  /** Stores published products without the API, so that they can exceed its limits. */
  async function insertPublished(count: number, fields: object) {
    const states = Array.from({ length: count }, (_, number) => {
      const state = createDraft(newProduct.parse({ ...mug(`large-${number}`), ...fields }), new Date(number))
      return { ...state, status: 'published' as const }
    })
    await shop.products.insertMany(
      states.map(state => ({ state, events: [] })),
      trace
    )
    return states.map(({ id }) => id)
  }

  it('end a page early if products are large, and refuse IDs whose products exceed 16 MiB', async () => {
    const attributes = Object.fromEntries(Array.from({ length: 30 }, (_, number) => [number, 'x'.repeat(60_000)]))
    const ids = await insertPublished(11, { attributes })
    const { body } = await shop.anyone.get('/products').expect(200)
    assert.equal(body.items.length, 2)
    const items = await allItems<Listed>(cursor => shop.anyone.get(`/products?${cursor}`).expect(200))
    assert.deepEqual(
      items.map(({ id }) => id),
      ids
    )
    const byIds = (count: number) => shop.anyone.get(`/products?ids=${ids.slice(0, count)}`)
    assert.equal((await byIds(9).expect(200)).body.items.length, 9)
    assert.deepEqual(pointersOf((await byIds(11).expect(400)).body), ['/query/ids'])
    assert.equal((await shop.anyone.get(`/products?ids=${Array(11).fill(ids[0])}`).expect(200)).body.items.length, 1)
    // Products that the caller can't see do not count.
    await shop.products.collection.updateMany({ _id: { $in: ids.slice(1) } }, { $set: { status: 'draft' } })
    assert.equal((await byIds(11).expect(200)).body.items.length, 1)
  })

  it('end a page early if products have many prices', async () => {
    const prices = ['EUR', 'USD', 'GBP', 'JPY', 'CHF'].map(currency => ({ amount: 999_999_999, currency }))
    const variants = Array.from({ length: 2000 }, (_, place) => ({
      ...mug('x').variants[0]!,
      sku: `x-${place}`,
      prices,
      values: []
    }))
    await insertPublished(6, { variants: variants as never, skus: undefined as never })
    const { body } = await shop.anyone.get('/products').expect(200)
    assert.ok(Buffer.byteLength(JSON.stringify(body)) < 5 * 2 ** 20)
    assert.ok(body.items.length < 6)
  })

  it('end a page early if options have many values', async () => {
    const values = Array.from({ length: 2048 }, (_, place) => `${place}-${'x'.repeat(240)}`)
    await insertPublished(4, { options: ['a', 'b', 'c'].map(name => ({ name, values })), variants: [] })
    assert.equal((await shop.anyone.get('/products').expect(200)).body.items.length, 2)
  })

  it('refuse IDs together with filters, and accept a handle in any case', async () => {
    const { id } = await shop.published(mug('case'))
    assert.deepEqual(await handles('handle=CASE'), ['case'])
    for (const filter of ['tag=x', 'status=published', 'handle=case'])
      assert.deepEqual(pointersOf((await shop.anyone.get(`/products?ids=${id}&${filter}`).expect(400)).body), [
        '/query/ids'
      ])
  })

  it('refuse a cursor from other filters, another order or another kind of caller', async () => {
    for (const handle of ['a', 'b']) await shop.published({ ...mug(handle), tags: ['x'] })
    const { body } = await shop.anyone.get('/products?limit=1&tag=x&sort=title').expect(200)
    const next = `limit=1&cursor=${body.nextCursor}`
    assert.deepEqual(await handles(`${next}&tag=x&sort=title`), ['b'])
    for (const query of [next, `${next}&tag=x`, `${next}&sort=title`, `${next}&tag=y&sort=title`]) {
      assert.deepEqual(pointersOf((await shop.anyone.get(`/products?${query}`).expect(400)).body), ['/query/cursor'])
    }
    await asStaff(`/products?${next}&tag=x&sort=title`).expect(400)
  })
})
