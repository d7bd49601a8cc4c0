import assert from 'node:assert/strict'
import fc from 'fast-check'
import { newProduct } from '../src/products/schemas.ts'
import { assertFields, startService } from './helper.ts'
import { allProducts, csv, importFile } from './import-helper.ts'

const word = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .map(text => `x${text.replaceAll(/[\0\ufffd]/g, '')}x`)
const maybe = (cell: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), cell)

/** A row of a product from a small set, so that handles, SKUs and options are often the same. Some cells are wrong. */
const row = fc.record(
  {
    Handle: fc.constantFrom('a', 'B', 'c-1', 'ü', '-'),
    Title: maybe(word),
    'Body (HTML)': maybe(fc.string({ unit: 'grapheme', maxLength: 20 })),
    Vendor: maybe(word),
    Tags: maybe(fc.constantFrom('one', 'one, two', '=1')),
    'Product Category': maybe(fc.constantFrom('Home', 'Home > Mugs', 'Home > ')),
    Status: fc.constantFrom('', 'active', 'draft', 'archived', 'gone'),
    'Option1 Name': fc.constantFrom('', 'Size'),
    'Option1 Value': maybe(fc.constantFrom('S', 'M', 'L')),
    'Variant SKU': maybe(fc.constantFrom('1', '2', '3')),
    'Variant Price': fc.constantFrom('5', '7.50', '', 'cheap'),
    'Variant Compare At Price': fc.constantFrom('', '9'),
    'Variant Inventory Qty': fc.constantFrom('', '4'),
    'Image Src': maybe(fc.constantFrom('a.jpg', 'b.jpg')),
    'Image Alt Text': maybe(word),
    'Variant Image': maybe(fc.constantFrom('a.jpg', 'c.jpg')),
    'SEO Title': maybe(word),
    'A (product.metafields.custom.a)': maybe(word)
  },
  { noNullPrototype: true }
)
const columns = Object.keys(fc.sample(row, 1)[0]!)
const optional = columns.filter(column => !['Handle', 'Title', 'Variant Price'].includes(column))
const files = fc.array(fc.tuple(fc.array(row, { maxLength: 8 }), fc.shuffledSubarray(optional)), {
  minLength: 1,
  maxLength: 3
})

describe('any files', () => {
  let service: Awaited<ReturnType<typeof startService>>

  before(async () => {
    service = await startService({ runsImports: true })
  })
  after(() => service.close())

  it('account for every row, create valid products, and change nothing the second time', async () => {
    await fc.assert(
      fc.asyncProperty(files, async files => {
        await service.products.collection.deleteMany({})
        for (const [rows, without] of files) {
          const kept = rows.map(row =>
            Object.fromEntries(Object.entries(row).filter(([column]) => !without.includes(column)))
          )
          const file = `${csv(...kept)}`
          const first = await importFile(service, rows.length > 0 ? file : 'Handle,Title,Variant Price\n')
          assert.equal(first.state, 'done')
          assert.equal(first.rows, rows.length)
          const after = await allProducts(service)
          for (const product of after) newProduct.parse(product)
          const second = await importFile(service, rows.length > 0 ? file : 'Handle,Title,Variant Price\n')
          assert.deepEqual(await allProducts(service), after)
          assertFields(second, { rows: first.rows, created: 0, changed: 0 })
        }
      }),
      { numRuns: 40 }
    )
  })
})
