import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { checkConsistency } from '../src/products/consistency.ts'
import { newProduct } from '../src/products/schemas.ts'
import { readShopifyProducts } from '../src/shopify/reader.ts'
import { allOf, problems, products } from './shopify-file.ts'

const file = join(import.meta.dirname, '../sample/products.csv')

describe('the sample catalogue', () => {
  it('can be read without a problem, and has all kinds of products', async () => {
    const entries = await allOf(readShopifyProducts(createReadStream(file), { currency: 'EUR' }))
    assert.deepEqual(problems(entries), [])
    assert.deepEqual(entries[0]?.kind === 'columns' && entries[0].unknown, [])
    const all = products(entries).map(({ product }) => product)
    assert.ok(all.length >= 60)
    for (const status of ['published', 'draft', 'archived']) assert.ok(all.some(product => product.status === status))
    assert.ok(all.some(({ options }) => options.length === 0))
    assert.ok(all.some(({ options }) => options.length === 2))
    const skus = all.flatMap(({ variants }) => variants.map(({ sku }) => sku))
    assert.equal(new Set(skus).size, skus.length)
    assert.equal(products(entries).flatMap(({ stock }) => stock).length, skus.length)
  })

  it('has only products that the API accepts unchanged', async () => {
    const entries = await allOf(readShopifyProducts(createReadStream(file), { currency: 'EUR' }))
    for (const { product } of products(entries)) {
      const { status, category, ...fields } = product
      const read = newProduct.parse(fields)
      assert.deepEqual(read, { categories: [], ...fields })
      checkConsistency(read)
    }
  })
})
