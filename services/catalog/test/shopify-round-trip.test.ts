import assert from 'node:assert/strict'
import fc from 'fast-check'
import { columnsOf, cut, problems, products, read } from './shopify-file.ts'

const character = fc.oneof(fc.constantFrom(',', '"', '\n', '\r', ' '), fc.string({ unit: 'binary', maxLength: 1 }))
const texts = (maxLength: number) => fc.string({ unit: character, maxLength }).filter(text => !/[\0\ufffd]/.test(text))
/** Text that is trimmed, not empty and not a formula. */
const word = texts(10).map(text => `x${text}x`)
const tag = fc.string({ unit: 'grapheme-ascii', maxLength: 8 }).map(text => `t${text.replaceAll(',', ' ')}t`)
const cents = fc.nat(1_000_000_000)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const variant = fc.record(
  {
    values: fc.tuple(word, word, word),
    sku: maybe(word),
    price: cents,
    compareAt: maybe(cents),
    weightGrams: maybe(fc.nat(100_000)),
    barcode: maybe(word),
    quantity: maybe(fc.integer({ min: -99, max: 999_999 })),
    requiresShipping: fc.boolean(),
    taxable: fc.boolean()
  },
  { noNullPrototype: true }
)

const product = fc
  .record(
    {
      title: word,
      description: texts(60).filter(text => !/^\s*[=@+-]/.test(text)),
      vendor: maybe(word),
      category: maybe(word),
      tags: fc.uniqueArray(tag),
      status: fc.constantFrom('draft', 'published', 'archived'),
      optionNames: fc.uniqueArray(word, { maxLength: 3 }),
      variants: fc.array(variant, { minLength: 1, maxLength: 4 }),
      media: fc.uniqueArray(fc.webUrl(), { maxLength: 6 }),
      fabric: maybe(word)
    },
    { noNullPrototype: true }
  )
  .filter(({ variants, optionNames }) => {
    const skus = variants.flatMap(({ sku }) => (sku ? [sku] : []))
    const choices = variants.map(({ values }) => JSON.stringify(values.slice(0, optionNames.length)))
    return new Set(skus).size === skus.length && new Set(choices).size === choices.length
  })
type Written = typeof product extends fc.Arbitrary<infer T> ? T : never

const decimal = (amount: number | undefined) => (amount === undefined ? '' : (amount / 100).toFixed(2))
const shopifyStatus: Record<string, string> = { draft: 'draft', published: 'active', archived: 'archived' }
const FABRIC = 'Fabric (product.metafields.custom.fabric)'

/** Returns the rows of a product, as cells by their columns. There is a row for each variant or each image, whichever are more. */
function rowsOf(written: Written, handle: string): Record<string, string>[] {
  const { variants, media, optionNames } = written
  return Array.from({ length: Math.max(variants.length, media.length) }, (_, place) => {
    const row: Record<string, string> = { Handle: handle }
    if (place === 0) Object.assign(row, ofProduct(written))
    if (variants[place]) Object.assign(row, ofVariant(variants[place], optionNames))
    if (media[place]) Object.assign(row, { 'Image Src': media[place], 'Image Position': String(place + 1) })
    return row
  })
}

const ofProduct = (written: Written) => ({
  Title: written.title,
  'Body (HTML)': written.description,
  Vendor: written.vendor ?? '',
  'Product Category': written.category ?? '',
  Tags: written.tags.join(', '),
  Status: shopifyStatus[written.status],
  [FABRIC]: written.fabric ?? '',
  ...ofOptions(written.optionNames)
})

/** The option that Shopify writes for a product without options. */
const ofOptions = (names: string[]) =>
  names.length === 0
    ? { 'Option1 Name': 'Title', 'Option1 Value': 'Default Title' }
    : Object.fromEntries(names.map((name, index) => [`Option${index + 1} Name`, name]))

const ofVariant = (one: Written['variants'][number], optionNames: string[]) => ({
  ...Object.fromEntries(optionNames.map((_, index) => [`Option${index + 1} Value`, one.values[index]])),
  'Variant SKU': one.sku ?? '',
  'Variant Price': decimal(one.price),
  'Variant Compare At Price': decimal(one.compareAt),
  'Variant Grams': String(one.weightGrams ?? ''),
  'Variant Barcode': one.barcode ?? '',
  'Variant Inventory Qty': String(one.quantity ?? ''),
  'Variant Requires Shipping': String(one.requiresShipping),
  'Variant Taxable': String(one.taxable).toUpperCase()
})

/** Returns the expected product. The reader generates a SKU where none was written. */
function expectedOf({ optionNames, variants, media, fabric, ...fields }: Written, handle: string, skus: string[]) {
  const expected = {
    ...fields,
    handle,
    options: optionNames.map((name, place) => ({
      name,
      values: [...new Set(variants.map(({ values }) => values[place]!))]
    })),
    variants: variants.map(({ values, sku, price, compareAt, quantity, ...variant }, place) => ({
      ...variant,
      sku: sku ?? skus[place],
      options: Object.fromEntries(optionNames.map((name, place) => [name, values[place]])),
      prices: [{ amount: price, currency: 'EUR' }],
      compareAtPrices: compareAt === undefined ? undefined : [{ amount: compareAt, currency: 'EUR' }]
    })),
    media: media.map((url, place) => ({ url, position: place + 1 })),
    attributes: fabric ? { 'custom:fabric': fabric } : {}
  }
  return JSON.parse(JSON.stringify(expected)) // Removes undefined fields.
}

const columns = [
  'Handle',
  'Title',
  'Body (HTML)',
  'Vendor',
  'Product Category',
  'Tags',
  'Status',
  'Option1 Name',
  'Option1 Value',
  'Option2 Name',
  'Option2 Value',
  'Option3 Name',
  'Option3 Value',
  'Variant SKU',
  'Variant Price',
  'Variant Compare At Price',
  'Variant Grams',
  'Variant Barcode',
  'Variant Inventory Qty',
  'Variant Requires Shipping',
  'Variant Taxable',
  'Image Src',
  'Image Position',
  FABRIC,
  'An unknown column'
]

const file = fc.record({
  products: fc.array(product, { maxLength: 4 }),
  columns: fc.shuffledSubarray(columns, { minLength: columns.length }),
  mark: fc.constantFrom('', '\ufeff'),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  quotesAll: fc.boolean(),
  places: fc.array(fc.nat(), { maxLength: 20 })
})

type WrittenFile = typeof file extends fc.Arbitrary<infer F> ? F : never

function textOf({ products, columns, mark, lineEnd, quotesAll }: WrittenFile) {
  const cell = (text = '') => (quotesAll || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const rows = products.flatMap((one, number) => rowsOf(one, `product-${number}`))
  const lines = [columns, ...rows.map(row => columns.map(column => row[column]))]
  return mark + lines.map(line => line.map(cell).join(',') + lineEnd).join('')
}

describe("a file in Shopify's format", () => {
  it('gives back the products that were written, with any cuts and any order of columns', async () => {
    await fc.assert(
      fc.asyncProperty(file, async written => {
        const entries = await read(cut(Buffer.from(textOf(written)), written.places))
        assert.deepEqual(problems(entries), [])
        assert.deepEqual(columnsOf(entries).unknown, ['An unknown column'])
        assert.equal(products(entries).length, written.products.length)
        for (const [number, { product, stock, rows }] of products(entries).entries()) {
          const one = written.products[number]!
          const skus = product.variants.map(({ sku }) => sku)
          assert.equal(new Set(skus).size, one.variants.length)
          assert.equal(rows, Math.max(one.variants.length, one.media.length))
          assert.deepEqual(product, expectedOf(one, `product-${number}`, skus))
          const quantities = one.variants.map(({ quantity }, place) => ({ sku: skus[place], quantity }))
          assert.deepEqual(
            stock,
            quantities.filter(({ quantity }) => quantity !== undefined)
          )
        }
      }),
      { numRuns: 150 }
    )
  })
})
