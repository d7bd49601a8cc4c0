import assert from 'node:assert/strict'
import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { readShopifyProducts, type ShopifyEntry } from '../src/shopify/read.ts'
import { UnreadableFile } from '../src/shopify/records.ts'

const names = ['Handle', 'Title', 'Option1 Name', 'Option1 Value', 'Variant SKU', 'Variant Price', 'Image Src', 'Tags']
const header = names.join(',')
const mug = 'mug,Mug,Title,Default Title,M-1,5.00,,'

async function* stream(chunks: (string | Uint8Array)[]) {
  for (const chunk of chunks) yield Buffer.from(chunk as string)
}

async function read(chunks: (string | Uint8Array)[], currency = 'EUR') {
  return await allOf(readShopifyProducts(stream(chunks), { currency }))
}

async function allOf(entries: AsyncIterable<ShopifyEntry>) {
  const all: ShopifyEntry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

const readLines = (...lines: string[]) => read([lines.join('\n')])
const products = (entries: ShopifyEntry[]) => entries.filter(entry => entry.kind === 'product')
const problems = (entries: ShopifyEntry[]) => entries.filter(entry => entry.kind === 'problem')

describe("Shopify's product CSV", () => {
  it('is read whole from a real export', async function () {
    const file = '../shared/data/shopify-products.csv'
    const path = join(import.meta.dirname, '../../..', file)
    if (!existsSync(path)) {
      console.log(`skipped: ${file} is missing`)
      this.skip()
    }
    const entries = await allOf(readShopifyProducts(createReadStream(path), { currency: 'EUR' }))
    assert.deepEqual(problems(entries), [])
    const top = products(entries).find(({ product }) => product.handle === 'classic-varsity-top')
    assert.equal(top?.line, 3)
    assert.equal(top.rows, 3)
    assert.deepEqual(top.product.options, [{ name: 'Size', values: ['Small', 'Medium', 'Large'] }])
    assert.deepEqual(top.product.variants[1], {
      sku: 'CLASSIC-VARSITY-TOP-MEDIUM',
      options: { Size: 'Medium' },
      prices: [{ amount: 6000, currency: 'EUR' }],
      compareAtPrices: [],
      weightGrams: 0,
      requiresShipping: true,
      taxable: true
    })
    assert.deepEqual(top.stock[2], { sku: 'CLASSIC-VARSITY-TOP-LARGE', quantity: 1 })
    assert.equal(top.product.status, 'published')
    assert.equal(top.product.media.length, 1)
    assert.deepEqual(products(entries)[0]?.product.options, [])
  })

  it('takes rows that only have an image as images, ordered by their positions', async () => {
    const lines = [
      'Image Position,Image Alt Text,Handle,Title,Variant Price,Image Src,Mystery',
      '2,side,mug,Mug,5,https://x.test/2.jpg,?',
      '1,,mug,,,https://x.test/1.jpg,'
    ]
    const [entry] = products(await readLines(...lines))
    assert.equal(entry?.rows, 2)
    assert.equal(entry.product.variants.length, 1)
    assert.deepEqual(entry.product.media, [
      { url: 'https://x.test/1.jpg', position: 1 },
      { url: 'https://x.test/2.jpg', position: 2, alt: 'side' }
    ])
  })

  it('reads status, tags, attributes, a barcode kept as text and both prices', async () => {
    const [entry] = products(
      await readLines(
        'Handle,Title,Tags,Published,Status,Variant Price,Variant Compare At Price,Variant Barcode,Variant Grams,SEO Title,Cloth (product.metafields.custom.cloth)',
        `mug,Mug,"red, blue,red",TRUE,archived,5,6.5,'0123,453.59,Buy,wool`
      )
    )
    assert.equal(entry?.product.status, 'archived')
    assert.deepEqual(entry.product.tags, ['red', 'blue'])
    assert.deepEqual(entry.product.attributes, { 'seo-title': 'Buy', 'custom.cloth': 'wool' })
    const [variant] = entry.product.variants
    assert.deepEqual(variant?.compareAtPrices, [{ amount: 650, currency: 'EUR' }])
    assert.equal(variant.barcode, '0123')
    assert.equal(variant.weightGrams, 454)
  })

  it('makes missing SKUs the same in every import and different from all others of the product', async () => {
    const lines = [header, 'mug,Mug,Size,A B,,5,,', 'mug,,,A-B,,5,,', 'mug,,,C,MUG-A-B,5,,']
    const skus = products(await readLines(...lines))[0]?.product.variants.map(({ sku }) => sku)
    assert.equal(new Set(skus).size, 3)
    assert.equal(skus?.[2], 'MUG-A-B')
    assert.match(skus[0]!, /^MUG-A-B-[0-9A-F]{16}$/)
    assert.deepEqual(
      products(await readLines(...lines))[0]?.product.variants.map(({ sku }) => sku),
      skus
    )
  })

  it('counts lines through a byte order mark, CRLF, blank lines and quoted line breaks', async () => {
    const text = `\ufeff"Handle",Title,Body (HTML),Variant Price\r\n\r\nmug,Mug,"a\r\nb\n""c""",5\r\ncup,Cup,,x\r\n`
    const entries = await read([text])
    assert.equal(products(entries)[0]?.product.description, 'a\r\nb\n"c"')
    assert.deepEqual(entries.at(-1), {
      kind: 'problem',
      line: 6,
      column: 'Variant Price',
      reason: 'is not a decimal number',
      handle: 'cup'
    })
  })

  const badRows: [string, string, string][] = [
    ['too few cells', 'cup,Cup', 'Option1 Name'],
    ['too many cells', 'cup,Cup,,,,5,,,', 'column 9'],
    ['no Handle', ',Cup,,,,5,,', 'Handle'],
    ['no Title', 'cup,,,,,5,,', 'Title'],
    ['a formula as Handle', '=cup,Cup,,,,5,,', 'Handle'],
    ['a formula as Title', 'cup,+Cup,,,,5,,', 'Title'],
    ['a formula as SKU', 'cup,Cup,,,@S,5,,', 'Variant SKU'],
    ['a formula as tags', 'cup,Cup,,,,5,,-1', 'Tags'],
    ['a negative price', 'cup,Cup,,,,-5,,', 'Variant Price'],
    ['a price with too many decimals', 'cup,Cup,,,,5.001,,', 'Variant Price'],
    ['a price that is not a number', 'cup,Cup,,,,5e1,,', 'Variant Price'],
    ['a price too large to be exact', 'cup,Cup,,,,99999999999999.99,,', 'Variant Price'],
    ['no price', 'cup,Cup,,,S,,,', 'Variant Price'],
    ['no variant', 'cup,Cup,,,,,,', 'Variant Price'],
    ['a Handle that is too long', `${'c'.repeat(256)},Cup,,,,5,,`, 'Handle'],
    ['a Title that is too long', `cup,${'c'.repeat(256)},,,,5,,`, 'Title'],
    ['an option value without a name', 'cup,Cup,,Red,,5,,', 'Option1 Name'],
    ['an image that is not on the web', 'cup,Cup,,,,5,javascript:x,', 'Image Src']
  ]
  for (const [name, row, column] of badRows)
    it(`says the line and column of ${name}, and takes the good rows`, async () => {
      const entries = await readLines(header, mug, row, 'jug,Jug,,,J-1,7,,')
      assert.deepEqual(
        products(entries).map(({ product }) => product.handle),
        ['mug', 'jug']
      )
      assert.deepEqual(
        problems(entries).map(({ line, column }) => ({ line, column })),
        [{ line: 3, column }]
      )
    })

  it('says the line and column of a quantity that is not whole and of bytes that are not UTF-8', async () => {
    const text = 'Handle,Title,Variant Price,Variant Inventory Qty\ncup,Cup,5,1.5\njug,J\xfcg,5,1\nmug,Mug,5,-2\n'
    const entries = await read([Buffer.from(text, 'latin1')])
    assert.deepEqual(
      problems(entries).map(({ line, column }) => ({ line, column })),
      [
        { line: 2, column: 'Variant Inventory Qty' },
        { line: 3, column: 'Title' }
      ]
    )
    assert.deepEqual(products(entries)[0]?.stock, [{ sku: 'MUG', quantity: -2 }])
  })

  it('leaves out a variant with the SKU or the options of an earlier one', async () => {
    const entries = await readLines(
      header,
      'mug,Mug,Size,S,A,5,,',
      'mug,,,M,A,5,,',
      'mug,,,S,B,5,,',
      'mug,,,,C,5,,',
      'mug,,,L,D,5,,'
    )
    assert.deepEqual(
      problems(entries).map(({ line, column, handle }) => [line, column, handle]),
      [
        [3, 'Variant SKU', 'mug'],
        [4, 'Option1 Value', 'mug'],
        [5, 'Option1 Value', 'mug']
      ]
    )
    assert.deepEqual(products(entries)[0]?.product.options, [{ name: 'Size', values: ['S', 'L'] }])
  })

  it('leaves out every row of a product whose first row is bad', async () => {
    const entries = await readLines(header, 'cup,Cup,Size,S,,x,,', 'cup,,,M,,5,,', mug)
    assert.deepEqual(
      problems(entries).map(({ line, column }) => [line, column]),
      [
        [2, 'Variant Price'],
        [3, 'Handle']
      ]
    )
    assert.equal(products(entries).length, 1)
  })

  it('leaves out a Handle that comes back after another', async () => {
    const entries = await readLines(header, mug, 'cup,Cup,Size,S,,5,,', 'mug,Mug,,,,5,,', 'cup,,,M,,5,,')
    assert.deepEqual(
      problems(entries).map(({ line, column, handle }) => [line, column, handle]),
      [[4, 'Handle', 'mug']]
    )
    assert.equal(products(entries)[1]?.rows, 2)
  })

  it('counts the minor units of each currency', async () => {
    const price = async (text: string, currency: string) =>
      products(await read([`Handle,Title,Variant Price\nmug,Mug,${text}\n`], currency))[0]?.product.variants[0]?.prices
    assert.deepEqual(await price('500', 'JPY'), [{ amount: 500, currency: 'JPY' }])
    assert.deepEqual(await price('1.234', 'KWD'), [{ amount: 1234, currency: 'KWD' }])
    assert.deepEqual(await price('0.29', 'EUR'), [{ amount: 29, currency: 'EUR' }])
    assert.equal(await price('5.0', 'JPY'), undefined)
  })

  const large = 'x'.repeat(1024 * 1024)
  const unreadable: [string, string, number, string | undefined][] = [
    ['is empty', '', 1, 'Handle'],
    ['has no Handle column', 'Title,Variant Price\nMug,5\n', 1, 'Handle'],
    ['has no Title column', 'Handle,Variant Price\nmug,5\n', 1, 'Title'],
    ['has a column twice', 'Handle,Title,title\n', 1, 'Title'],
    ['has text after a closing quote', `${header}\n${mug}\ncup,"C"up,,,,5,,\n`, 3, undefined],
    ['has a quote inside a plain cell', `${header}\n${mug}\ncup,C"up",,,,5,,\n`, 3, undefined],
    ['ends inside quotes', `${header}\n${mug}\ncup,"Cup\n\n`, 3, undefined],
    ['has a row over 1 MiB', `${header}\n${mug}\ncup,${large}\n`, 3, undefined],
    ['has a row over 1 MiB of commas', `${header}\n${mug}\n${large.replaceAll('x', ',')},`, 3, undefined]
  ]
  for (const [name, text, line, column] of unreadable)
    it(`is refused with the line when it ${name}`, async () => {
      const taken: ShopifyEntry[] = []
      const reading = async () => {
        for await (const entry of readShopifyProducts(stream([text]), { currency: 'EUR' })) taken.push(entry)
      }
      await assert.rejects(
        reading,
        error => error instanceof UnreadableFile && error.line === line && error.column === column
      )
      assert.deepEqual(problems(taken), [])
    })

  it('stops reading its source when the caller stops', async () => {
    let ended = false
    async function* endless() {
      try {
        yield Buffer.from(`${header}\n`)
        for (let number = 0; ; number++) yield Buffer.from(`cup-${number},Cup,,,,5,,\n`)
      } finally {
        ended = true
      }
    }
    for await (const entry of readShopifyProducts(endless(), { currency: 'EUR' })) if (entry.line > 100) break
    assert.ok(ended)
  })

  it('gives back what was written, wherever the chunks are cut', async () => {
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    const word = fc.string({ unit: 'binary', maxLength: 12 }).map(text => `x${text}x`)
    const variant = fc.record({ value: word, sku: word, cents: fc.nat(10_000_000) }, { noNullPrototype: true })
    const product = fc.record(
      {
        title: word,
        description: word,
        variants: fc.uniqueArray(variant, {
          minLength: 1,
          maxLength: 4,
          comparator: (a, b) => a.value === b.value || a.sku === b.sku
        })
      },
      { noNullPrototype: true }
    )
    const files = fc.record({
      products: fc.array(product, { maxLength: 5 }),
      mark: fc.constantFrom('', '\ufeff'),
      lineEnd: fc.constantFrom('\n', '\r\n'),
      cuts: fc.array(fc.nat(), { maxLength: 12 })
    })
    await fc.assert(
      fc.asyncProperty(files, async ({ products: written, mark, lineEnd, cuts }) => {
        const rows = written.flatMap(({ title, description, variants }, number) =>
          variants.map(({ value, sku, cents }, place) =>
            [`handle-${number}`, ...(place ? ['', '', ''] : [title, description, 'Size']), value, sku]
              .map(quoted)
              .concat((cents / 100).toFixed(2))
          )
        )
        const top = ['Handle', 'Title', 'Body (HTML)', 'Option1 Name', 'Option1 Value', 'Variant SKU', 'Variant Price']
        const bytes = Buffer.from(mark + [top, ...rows].map(row => row.join(',') + lineEnd).join(''))
        const ends = [0, ...cuts.map(cut => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
        const entries = await read(ends.slice(1).map((end, index) => bytes.subarray(ends[index], end)))
        assert.deepEqual(problems(entries), [])
        assert.deepEqual(
          products(entries).map(({ product: { title, description, variants } }) => ({
            title,
            description,
            variants: variants.map(({ options, sku, prices }) => ({
              value: options.Size,
              sku,
              cents: prices[0]?.amount
            }))
          })),
          written
        )
      }),
      { numRuns: 150 }
    )
  })
})
