import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import request from 'supertest'
import { listOffers } from '../src/offers/operations.ts'
import { MOST_OFFERS, OFFERS_BYTES } from '../src/offers/schemas.ts'
import { createDraft } from '../src/products/document.ts'
import { LONGEST_NAME } from '../src/products/limits.ts'
import { type NewProduct, newProduct } from '../src/products/schemas.ts'
import { startService } from './helper.ts'

const eur = (amount: number) => ({ amount, currency: 'EUR' })
const shirt = {
  handle: 'shirt',
  title: 'Shirt',
  options: [{ name: 'Size', values: ['S', 'L'] }],
  variants: [
    { sku: 'S', options: { Size: 'S' }, prices: [{ amount: 900, currency: 'USD' }, eur(1_000)] },
    { sku: 'L', options: { Size: 'L' }, prices: [eur(1_100)], taxable: false, requiresShipping: false }
  ]
}

describe('offers', () => {
  let shop: Awaited<ReturnType<typeof startService>>
  before(async () => {
    shop = await startService()
  })
  beforeEach(() => shop.products.collection.deleteMany({}))
  after(() => shop.close())

  const ask = (lines: object[], currency = 'EUR') => request(shop.url).post('/offers').send({ lines, currency })
  const offers = async (lines: object[], currency?: string) => (await ask(lines, currency).expect(200)).body.items

  /** Stores published products, and bypasses the rules. */
  async function store(count: number, fieldsOf: (number: number) => Partial<NewProduct>) {
    const states = Array.from({ length: count }, (_, number) => {
      const fields = { ...newProduct.parse({ handle: `h${number}`, title: 'Many' }), ...fieldsOf(number) }
      return { ...createDraft(fields, new Date()), status: 'published' as const }
    })
    await shop.products.insertMany(
      states.map(state => ({ state, events: [] })),
      { traceparent: '' }
    )
    return states.map(({ id, skus }) => ({ productId: id, sku: skus![0]! }))
  }

  it('have only the title, options, price, tax and shipping of a variant', async () => {
    const { id: productId } = await shop.published({ ...shirt, description: 'long', tags: ['x'] })
    assert.deepEqual(await offers([{ productId, sku: 'L' }]), [
      {
        productId,
        sku: 'L',
        title: 'Shirt',
        variant: { options: { Size: 'L' }, price: eur(1_100), taxable: false, requiresShipping: false }
      }
    ])
  })

  it('show which part of a line is not in the shop', async () => {
    const { id: productId } = await shop.published(shirt)
    const { id: draft } = await shop.made('/products', { handle: 'draft', title: 'Draft', variants: [] })
    const lines = [
      { productId, sku: 'XL' },
      { productId: draft, sku: 'D' },
      { productId: newId('prd'), sku: 'S' },
      { productId, sku: 'L' },
      { productId, sku: 'S' }
    ]
    const [xl, large, small, ...more] = await offers(lines, 'USD')
    assert.deepEqual(xl, { productId, sku: 'XL', title: 'Shirt' })
    assert.equal(large.sku, 'L')
    assert.equal(large.variant.price, undefined)
    assert.deepEqual(small.variant.price, { amount: 900, currency: 'USD' })
    assert.deepEqual(more, [])
  })

  it('include all other lines if one line has a SKU that no variant can have', async () => {
    const { id: productId } = await shop.published(shirt)
    const found = await offers(['\0', '..', ' ', 'S'].map(sku => ({ productId, sku })))
    assert.deepEqual(
      found.map(({ variant }: { variant?: object }) => variant !== undefined),
      [false, false, false, true]
    )
  })

  it('include seventeen products with half a megabyte of text each in one answer', async () => {
    const description = 'x'.repeat(510 * 1024)
    const lines = await store(17, number => ({ description, variants: [variantOf(`SKU-${number}`)] }))
    assert.equal((await offers(lines)).length, 17)
  })

  it('fit into the promised size if every value is as large as possible', async () => {
    const name = (start: string) => `${start}${'\u0001'.repeat(LONGEST_NAME - 2 * start.length)}${start}`
    const names = ['a', 'b', 'c'].map(name)
    const lines = await store(MOST_OFFERS, number => ({
      title: name('t'),
      options: names.map(option => ({ name: option, values: [option] })),
      variants: [
        {
          ...variantOf(name(`${100 + number}`)),
          options: Object.fromEntries(names.map(option => [option, option])),
          prices: [eur(Number.MAX_SAFE_INTEGER)]
        }
      ]
    }))
    assert.ok(Buffer.byteLength(JSON.stringify({ lines, currency: 'EUR' })) < listOffers.bodyLimit!)
    const { text, body } = await ask(lines).expect(200)
    assert.equal(body.items.length, MOST_OFFERS)
    assert.ok(Buffer.byteLength(text) <= OFFERS_BYTES, `${Buffer.byteLength(text)} bytes`)
    listOffers.answers[200]!.body!.parse(body)
  })

  it('return a 400 for too many lines and for none', async () => {
    const lines = Array.from({ length: MOST_OFFERS + 1 }, (_, number) => ({
      productId: newId('prd'),
      sku: `${number}`
    }))
    for (const wrong of [lines, []]) {
      const { body } = await ask(wrong).expect(400)
      assert.equal(body.errors[0].pointer, '/body/lines')
    }
  })

  it('return a 422 for products with too many variants to look through', async () => {
    const long = (number: number) => `${number}`.padEnd(LONGEST_NAME, '\u6f22')
    const lines = await store(8, number => ({
      variants: Array.from({ length: 1_500 }, (_, place) => ({
        ...variantOf(long(10_000 * number + place)),
        options: { Size: long(place) }
      })),
      options: [{ name: 'Size', values: [] }]
    }))
    const { body } = await ask(lines).expect(422)
    assert.equal(body.type, 'urn:bulkhead:problem:offers-too-large')
    assert.equal((await offers(lines.slice(0, 2))).length, 2)
  })
})

const variantOf = (sku: string): NewProduct['variants'][number] => ({
  sku,
  options: {},
  prices: [eur(1_000)],
  taxable: true,
  requiresShipping: true
})
