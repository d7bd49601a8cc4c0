import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { readShopifyProducts } from '../src/shopify/reader.ts'
import { allOf, header, placesOfProblems, problems, products, read, readLines, realExport } from './shopify-file.ts'

describe("Shopify's product CSV", () => {
  const readExport = (path: string) => allOf(readShopifyProducts(createReadStream(path), { currency: 'EUR' }))

  it('contains all products of a real export', async function () {
    const entries = await readExport(realExport(this))
    assert.deepEqual(problems(entries), [])
    assert.equal(products(entries).length, 20)
    const rows = products(entries).reduce((sum, entry) => sum + entry.rows, 0)
    assert.equal(rows, 22)
    assert.deepEqual(products(entries)[0]?.product.options, [])
  })

  it('contains the variants, stock and images of a product in a real export', async function () {
    const entries = await readExport(realExport(this))
    const top = products(entries).find(({ product }) => product.handle === 'classic-varsity-top')
    assert.equal(top?.line, 3)
    assert.equal(top.rows, 3)
    assert.deepEqual(top.product.options, [{ name: 'Size', values: ['Small', 'Medium', 'Large'] }])
    const { sku, ...medium } = top.product.variants[1]!
    assert.match(sku, /^CLASSIC-VARSITY-TOP-MEDIUM-/)
    assert.deepEqual(medium, {
      options: { Size: 'Medium' },
      prices: [{ amount: 6000, currency: 'EUR' }],
      weightGrams: 0,
      requiresShipping: true,
      taxable: true
    })
    assert.deepEqual(top.stock[2], { sku: top.product.variants[2]?.sku, quantity: 1 })
    assert.equal(top.product.status, 'published')
    assert.equal(top.product.media.length, 1)
  })

  it('contains images from rows without a variant, in the order of positions', async () => {
    const lines = [
      'Image Position,Image Alt Text,Handle,Title,Variant Price,Image Src,Mystery',
      '2,side,mug,Mug,5,https://x.test/2.jpg,?',
      '1,,mug,,,https://x.test/1.jpg,',
      '7,again,mug,,,https://x.test/1.jpg,'
    ]
    const [entry] = products(await readLines(...lines))
    assert.equal(entry?.rows, 3)
    assert.equal(entry.product.variants.length, 1)
    assert.deepEqual(entry.product.media, [
      { url: 'https://x.test/1.jpg', position: 1 },
      { url: 'https://x.test/2.jpg', position: 2, alt: 'side' }
    ])
  })

  it('contains status, tags, attributes, a barcode as text and both prices', async () => {
    const [entry] = products(
      await readLines(
        'Handle,Title,Tags,Published,Status,Variant Price,Variant Compare At Price,Variant Barcode,Variant Grams,SEO Title,Cloth (product.metafields.custom.cloth)',
        `mug,Mug,"red, blue,red",TRUE,archived,5,6.5,'0123,453.592,Buy,wool`
      )
    )
    assert.equal(entry?.product.status, 'archived')
    assert.deepEqual(entry.product.tags, ['red', 'blue'])
    assert.deepEqual(entry.product.seo, { title: 'Buy' })
    assert.deepEqual(entry.product.attributes, { 'custom:cloth': 'wool' })
    const [variant] = entry.product.variants
    assert.deepEqual(variant?.compareAtPrices, [{ amount: 650, currency: 'EUR' }])
    assert.equal(variant.barcode, '0123')
    assert.equal(variant.weightGrams, 454)
  })

  it('has line numbers that stay right with a byte order mark, CRLF, blank lines and quoted line breaks', async () => {
    const text = `\ufeff"Handle",Title,Body (HTML),Variant Price\r\n\r\nmug,Mug,"a\r\nb\n""c""",5\r\ncup,Cup,,x\r\n`
    const entries = await read([text])
    assert.equal(products(entries)[0]?.product.description, 'a\r\nb\n"c"')
    assert.deepEqual(entries.at(-1), {
      kind: 'problem',
      line: 6,
      rows: 1,
      column: 'Variant Price',
      reason: 'is not a decimal number',
      handle: 'cup'
    })
  })

  it('keeps scripts in the description and lists in prose unchanged', async () => {
    const html = '  <script>alert(1)</script>\n<p onclick=""x()"">- soft'
    const lines = ['Handle,Title,Variant Price,Body (HTML),SEO Description', `mug,Mug,5,"${html}",- soft`]
    const [entry] = products(await readLines(...lines))
    assert.equal(entry?.product.description, html.replaceAll('""', '"'))
    assert.deepEqual(entry.product.seo, { description: '- soft' })
  })

  it('gives a published product only if the file says so', async () => {
    const status = async (columns: string, cells: string) =>
      products(await readLines(`Handle,Title,Variant Price,${columns}`, `mug,Mug,5,${cells}`))[0]?.product.status
    assert.equal(await status('Status', 'active'), 'published')
    assert.equal(await status('Published', 'TRUE'), 'published')
    assert.equal(await status('Status,Published', 'active,'), 'published')
    assert.equal(await status('Status,Published', 'Active,false'), 'draft')
    assert.equal(await status('Status,Published', 'draft,true'), 'draft')
    assert.equal(await status('Status,Published', 'unlisted,true'), 'draft')
    assert.equal(await status('Status,Published', 'archived,'), 'archived')
    assert.equal(await status('Status,Published', ','), 'draft')
  })

  it('can name variants by SKU if the file has no columns of options', async () => {
    const [entry] = products(await readLines('Handle,Title,Variant SKU,Variant Price', 'mug,Mug,M-1,5', 'mug,,M-2,6'))
    assert.deepEqual(
      entry?.product.variants.map(({ sku }) => sku),
      ['M-1', 'M-2']
    )
    assert.deepEqual(
      placesOfProblems(await readLines('Handle,Title,Variant SKU,Variant Price', 'mug,Mug,,5', 'mug,,,6')),
      [{ line: 3, column: 'Handle' }]
    )
  })

  it('gives prices in the minor units of each currency', async () => {
    const price = async (text: string, currency: string) =>
      products(await read([`Handle,Title,Variant Price\nmug,Mug,${text}\n`], currency))[0]?.product.variants[0]?.prices
    assert.deepEqual(await price('500', 'JPY'), [{ amount: 500, currency: 'JPY' }])
    assert.deepEqual(await price('1.234', 'KWD'), [{ amount: 1234, currency: 'KWD' }])
    assert.deepEqual(await price('0.29', 'EUR'), [{ amount: 29, currency: 'EUR' }])
    assert.deepEqual(await price('5.00', 'JPY'), [{ amount: 5, currency: 'JPY' }])
    assert.deepEqual(await price('1200.00', 'JPY'), [{ amount: 1200, currency: 'JPY' }])
    assert.deepEqual(await price('1.290', 'KWD'), [{ amount: 1290, currency: 'KWD' }])
    assert.deepEqual(await price('1.29', 'KWD'), [{ amount: 1290, currency: 'KWD' }])
    for (const text of ['5.50', '5.0', '1.200', '1.000', '1200.0000']) assert.equal(await price(text, 'JPY'), undefined)
    for (const text of ['1.2900', '1.0000']) assert.equal(await price(text, 'KWD'), undefined)
    await assert.rejects(price('5', 'XYZ'), /XYZ/)
  })

  it('is read only as far as the caller needs', async () => {
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
})
