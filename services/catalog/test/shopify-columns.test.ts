import assert from 'node:assert/strict'
import { UnreadableFile } from '../src/shopify/records.ts'
import { columnsOf, problems, products, read, readLines } from './shopify-file.ts'

/** The columns of Shopify's older exports, and a row. */
const OLDER = [
  'Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option1 Linked To,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,SEO Title,SEO Description,Google Shopping / Google Product Category,Google Shopping / MPN,Google Shopping / AdWords Labels,Variant Image,Variant Weight Unit,Variant Tax Code,Cost per item,Included / Germany,Price / Germany,Compare At Price / Germany,Status',
  "mug,Mug,<p>,Ofen,Home > Mugs,Mugs,tea,true,Colour,Red,,M-1,350,shopify,7,deny,manual,5.50,6,true,false,'0123,a.jpg,1,A mug,false,Buy,Now,Mugs,MPN1,l1,b.jpg,kg,,2.00,true,,,active"
]

/** The columns of Shopify's newer exports in another order and case, and the same row. */
const NEWER = [
  'TITLE,url handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode,Option1 name,Option1 value,Option1 Linked To,Price,Compare-at price,Cost per item,Charge tax,Tax code,Unit price total measure,Unit price base measure unit,Inventory tracker,Inventory quantity,Continue selling when out of stock,Weight value (grams),Weight unit for display,Requires shipping,Fulfillment service,Product image URL,Image position,Image alt text,Variant image URL,Gift card,SEO title,SEO description,Google Shopping / Google product category,Google Shopping / Manufacturer part number (MPN),Google Shopping / Ads labels,Compare-at price / International',
  "Mug,mug,<p>,Ofen,Home > Mugs,Mugs,tea,TRUE,Active,M-1,'0123,Colour,Red,,5.50,6.00,2.00,FALSE,,,,shopify,7,DENY,350.0,kg,TRUE,manual,a.jpg,1,A mug,b.jpg,FALSE,Buy,Now,Mugs,MPN1,l1,"
]
/** The product in this row. */
const PRODUCT = {
  kind: 'product',
  line: 2,
  rows: 1,
  product: {
    handle: 'mug',
    title: 'Mug',
    description: '<p>',
    vendor: 'Ofen',
    type: 'Mugs',
    category: 'Home > Mugs',
    tags: ['tea'],
    status: 'published',
    options: [{ name: 'Colour', values: ['Red'] }],
    variants: [
      {
        sku: 'M-1',
        options: { Colour: 'Red' },
        prices: [{ amount: 550, currency: 'EUR' }],
        compareAtPrices: [{ amount: 600, currency: 'EUR' }],
        weightGrams: 350,
        barcode: '0123',
        requiresShipping: true,
        taxable: false,
        media: 'b.jpg'
      }
    ],
    media: [{ url: 'a.jpg', position: 1, alt: 'A mug' }],
    seo: { title: 'Buy', description: 'Now' },
    attributes: { 'google:product-category': 'Mugs', 'google:mpn': 'MPN1', 'google:ads-labels': 'l1' }
  },
  stock: [{ sku: 'M-1', quantity: 7 }],
  generatedSkus: new Set(),
  isPartial: false
}

describe("the columns of Shopify's product CSV", () => {
  it('have older and newer names, in any case and order', async () => {
    const [older, newer] = [await readLines(...OLDER), await readLines(...NEWER)]
    assert.deepEqual(problems(older), [])
    assert.deepEqual(products(older), [PRODUCT])
    assert.deepEqual(products(newer), [PRODUCT])
  })

  it('are listed first, with the same names for older and newer exports', async () => {
    const [older, newer] = [columnsOf(await readLines(...OLDER)), columnsOf(await readLines(...NEWER))]
    for (const { line, unknown } of [older, newer]) assert.deepEqual({ line, unknown }, { line: 1, unknown: [] })
    assert.deepEqual([...newer.known.keys()].toSorted(), [...older.known.keys()].toSorted())
    assert.ok(['Body (HTML)', 'Variant Price', 'google:mpn'].every(name => newer.known.has(name)))
  })

  it('become attributes if they are metafields', async () => {
    const [, entry] = await readLines(
      'Handle,Title,Variant Price,Fabric (product.metafields.custom.fabric),Color (product.metafields.shopify.color-pattern)',
      'mug,Mug,5,wool,'
    )
    assert.deepEqual(entry?.kind === 'product' && entry.product.attributes, { 'custom:fabric': 'wool' })
  })

  it('become attributes even if their names are properties of objects', async () => {
    const names = ['constructor', '__proto__', 'toString'].map(name => `Google Shopping / ${name}`)
    const [, entry] = await readLines(`Handle,Title,Variant Price,${names}`, 'mug,Mug,5,a,b,c')
    const attributes = { 'google:constructor': 'a', 'google:-proto-': 'b', 'google:tostring': 'c' }
    assert.deepEqual(entry?.kind === 'product' && entry.product.attributes, attributes)
  })

  it('are reported and ignored if they are unknown', async () => {
    const entries = await readLines('Mystery,Handle,Title,Variant Price,,ERP No.', 'x,mug,Mug,5,,7')
    assert.deepEqual(columnsOf(entries).unknown, ['Mystery', 'ERP No.'])
    assert.deepEqual([...columnsOf(entries).known.keys()], ['Handle', 'Title', 'Variant Price'])
    assert.equal(products(entries).length, 1)
  })

  const refused: [string, string | Uint8Array, RegExp, string | undefined, number?][] = [
    ['no bytes', '', /empty/, 'Handle'],
    ['no Handle', 'Title,Variant Price\nMug,5\n', /Handle is missing/, 'Handle'],
    ['no Title', 'Handle,Variant Price\nmug,5\n', /Title is missing/, 'Title', 1],
    ['no Title after blank lines', '\n\nHandle,Variant Price\nmug,5\n', /Title is missing/, 'Title', 3],
    ['no Variant Price', 'Handle,Title\nmug,Mug\n', /Variant Price is missing/, 'Variant Price'],
    ['a column twice', 'Handle,Title,title\n', /Title comes twice/, 'title'],
    ['a column under two names', 'Handle,Title,Price,Variant Price\n', /Variant Price comes twice/, 'Variant Price'],
    ['semicolons between the columns', 'Handle;Title;Variant Price\nmug;Mug;5\n', /not separated by commas/, 'Handle'],
    ['wrong quotes', '"Handle"s,Title\n', /closing quote/, undefined],
    ['more than 1,000 columns', `Handle,Title${',x'.repeat(999)}\n`, /more than 1000/, undefined],
    ['text in UTF-16', Buffer.from('\ufeffHandle,Title\n', 'utf16le'), /not text in UTF-8/, undefined],
    ['the bytes of a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /not text in UTF-8/, undefined]
  ]
  for (const [name, file, reason, column, line = 1] of refused)
    it(`are refused if the file has ${name}`, () =>
      assert.rejects(read([file]), error => {
        assert.ok(error instanceof UnreadableFile)
        assert.match(error.message, reason)
        assert.deepEqual({ line: error.line, column: error.column }, { line, column })
        return true
      }))
})
