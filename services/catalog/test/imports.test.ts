import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as callers from '@bulkhead/testing/callers'
import type { NewProduct } from '../src/products/schemas.ts'
import { assertFields, startService } from './helper.ts'
import { allProducts, csv, importFile, over, productOf, send } from './import-helper.ts'
import { realExport } from './shopify-file.ts'

const sample = readFileSync(join(import.meta.dirname, '../sample/products.csv'))

const mug = { Handle: 'mug', Title: 'Mug', 'Variant SKU': 'M-1', 'Variant Price': '5.00' }

/** A row with a cell for every kind of field. */
const fullMug = {
  ...mug,
  'Body (HTML)': 'Old',
  Vendor: 'Ofen',
  Tags: 'tea',
  'Product Category': 'Home > Mugs',
  Published: 'true',
  'Option1 Name': 'Colour',
  'Option1 Value': 'Red',
  'Variant Grams': '350',
  'Variant Barcode': '42',
  'Image Src': 'a.jpg',
  'Image Alt Text': 'A mug',
  'Variant Image': 'b.jpg',
  'SEO Title': 'Buy',
  'SEO Description': 'Now',
  'Google Shopping / MPN': 'N1',
  'A (product.metafields.custom.a)': 'a'
}

type Variant = NewProduct['variants'][number]

describe('imports', () => {
  let service: Awaited<ReturnType<typeof startService>>

  before(async () => {
    service = await startService({ runsImports: true })
  })
  beforeEach(() => service.products.collection.deleteMany({}))
  after(() => service.close())

  const run = (file: string | Buffer, query?: string) => importFile(service, file, query)
  const product = (handle: string) => productOf(service, handle)

  it('are accepted when the file is stored, and run in the background', async () => {
    const { status, body, headers } = await send(service, sample)
    assert.deepEqual(
      { status, location: headers.location, state: body.state },
      { status: 202, location: `imports/${body.id}`, state: 'running' }
    )
    const job = await over(service, body.id)
    assertFields(job, { state: 'done', errors: [], bytesRead: sample.length })
    const all = await allProducts(service)
    assertFields(job, { products: all.length, created: all.length })
    assert.equal(await service.db.collection<{ _id: string }>('import_files').countDocuments({}), 0)
  })

  it('change nothing if the same file is imported again', async () => {
    await run(sample)
    const before = await allProducts(service)
    const job = await run(sample)
    assertFields(job, { created: 0, changed: 0, unchanged: before.length })
    assert.deepEqual(await allProducts(service), before)
  })

  it('read a real export, and change nothing if it is imported again', async function () {
    const file = readFileSync(realExport(this))
    const first = await run(file)
    const second = await run(file)
    assert.ok(first.created > 0)
    assertFields(second, { created: 0, changed: 0, unchanged: first.products })
  })

  it('keep prices in other currencies', async () => {
    await run(csv({ ...mug, 'Variant Compare At Price': '6' }))
    await run(csv({ ...mug, 'Variant Compare At Price': '7' }), 'currency=USD')
    await run(csv({ ...mug, 'Variant Price': '5.50', 'Variant Compare At Price': '' }))
    const [variant] = (await product('mug')).variants
    assert.deepEqual(variant.prices, [
      { amount: 550, currency: 'EUR' },
      { amount: 500, currency: 'USD' }
    ])
    assert.deepEqual(variant.compareAtPrices, [{ amount: 700, currency: 'USD' }])
  })

  it('keep fields without a column and remove fields with an empty cell', async () => {
    await run(csv(fullMug))
    const before = await product('mug')
    await run(csv(mug))
    assert.deepEqual(await product('mug'), before)

    const emptied = { Vendor: '', Tags: '', 'Product Category': '', 'Variant Barcode': '', 'SEO Title': '' }
    const job = await run(csv({ ...mug, ...emptied, 'Google Shopping / MPN': '' }))
    assertFields(job, { changed: 1, errors: [] })
    const { vendor, variants, version, attributes, ...rest } = before
    const [{ barcode, ...variant }] = variants
    assert.deepEqual(await product('mug'), {
      ...rest,
      version: version + 1,
      tags: [],
      categories: [],
      variants: [variant],
      seo: { description: 'Now' },
      attributes: { 'custom:a': 'a' }
    })
  })

  it('replace the variants, but keep variants whose rows are refused', async () => {
    const size = (value: string, price = '5') => ({
      ...mug,
      'Option1 Name': 'Size',
      'Option1 Value': value,
      'Variant SKU': `M-${value}`,
      'Variant Price': price
    })
    const skus = async () => (await product('mug')).variants.map(({ sku }: { sku: string }) => sku)
    await run(csv(size('S'), size('M'), size('L')))
    const job = await run(csv(size('M', '6'), size('S', 'cheap')))
    assertFields(job, { changed: 1, refusedRows: 1 })
    assert.equal(job.errors[0].column, 'Variant Price')
    assert.deepEqual(await skus(), ['M-M', 'M-S', 'M-L'])
    await run(csv(size('L'), size('M', '6')))
    assert.deepEqual(await skus(), ['M-L', 'M-M'])
  })

  it('find variants by SKU if the file has no options, and by options if it has no SKUs', async () => {
    const colour = (value: string) => ({ 'Option1 Name': 'Colour', 'Option1 Value': value })
    await run(csv({ ...mug, ...colour('Red') }, { ...mug, ...colour('Blue'), 'Variant SKU': 'M-2' }))
    const { 'Variant SKU': _, ...nameless } = mug
    const { id } = await run(
      csv({ ...nameless, ...colour('Red'), 'Variant Inventory Qty': '3' }, { ...nameless, ...colour('Blue') })
    )
    await run(csv({ ...mug, 'Variant SKU': 'M-2', 'Variant Price': '7' }))
    const { variants } = await product('mug')
    assert.deepEqual(
      variants.map(({ sku, prices: [price], options }: Variant) => ({ sku, amount: price!.amount, options })),
      [
        { sku: 'M-1', amount: 500, options: { Colour: 'Red' } },
        { sku: 'M-2', amount: 700, options: { Colour: 'Blue' } }
      ]
    )
    const stock = await service.staff('get', `/imports/${id}/stock`)
    assert.deepEqual(stock.body, { items: [{ sku: 'M-1', quantity: 3 }] })

    const job = await run(csv({ ...mug, 'Variant SKU': 'M-3' }))
    assertFields(job, { refusedRows: 1, products: 0 })
    assert.match(job.errors[0].reason, /not clear which variant/)
  })

  it('set the status of new products, and never make a published product a draft again', async () => {
    const shop = (status: string) => csv({ ...mug, Status: status })
    const statusAfter = async (status: string) => {
      await run(shop(status))
      return (await product('mug')).status
    }
    assert.equal(await statusAfter('draft'), 'draft')
    assert.equal(await statusAfter('active'), 'published')
    assert.equal(await statusAfter('draft'), 'published')
    assert.equal(await statusAfter('archived'), 'archived')
    assert.equal(await statusAfter('active'), 'archived')
  })

  it('publish the same events as edits', async () => {
    const events = async () => service.eventsOf('products', (await product('mug')).id)
    await run(csv({ ...mug, Status: 'active' }))
    const [created, published] = ['catalog.product.created', 'catalog.product.published']
    assert.deepEqual(await events(), [
      [created, 1],
      [published, 1]
    ])
    await run(csv({ ...mug, Title: 'Cup', Status: 'active' }))
    await run(csv({ ...mug, Title: 'Cup', Status: 'archived' }))
    assert.deepEqual((await events()).slice(2), [
      ['catalog.product.changed', 2],
      ['catalog.product.archived', 3]
    ])
  })

  it('publish one event at their end, and show quantities only to staff and inventory', async () => {
    const finished = [['catalog.import.finished', 1]]
    const job = await run(csv({ ...mug, 'Variant Inventory Qty': '3' }))
    assert.deepEqual(await service.eventsOf('imports', job.id), finished)
    const failed = await run('Name,Price\n')
    assert.equal(failed.state, 'failed')
    assert.deepEqual(await service.eventsOf('imports', failed.id), finished)
    const asking = (name: string) =>
      service.anyone.get(`/imports/${job.id}/stock`).set('Authorization', callers.service(name, 'catalog'))
    assert.deepEqual((await asking('inventory').expect(200)).body.items, [{ sku: 'M-1', quantity: 3 }])
    await asking('cart').expect(403)
  })

  it('put products into the categories of their paths, and create missing categories', async () => {
    const home = await service.made('/categories', { name: 'Workshop' })
    const deep = Array.from({ length: 11 }, () => 'a').join(' > ')
    const job = await run(
      csv(
        { ...mug, 'Product Category': 'Workshop > Saws>Hand saws' },
        { ...mug, Handle: 'cup', 'Variant SKU': 'C-1', 'Product Category': 'Workshop > Saws' },
        { ...mug, Handle: 'jug', 'Variant SKU': 'J-1', 'Product Category': deep }
      )
    )
    const [[handSaws], [saws], none] = await Promise.all(
      ['mug', 'cup', 'jug'].map(async handle => (await product(handle)).categories)
    )
    const { body } = await service.anyone.get(`/categories?ids=${handSaws},${saws}`)
    assert.deepEqual(
      body.items.map(({ name, ancestors }: never) => ({ name, ancestors })),
      [
        { name: 'Hand saws', ancestors: [home.id, saws] },
        { name: 'Saws', ancestors: [home.id] }
      ]
    )
    assert.deepEqual(none, [])
    assertFields(job, { products: 3, errorCount: 1 })
    assert.equal(job.errors[0].column, 'Product Category')
  })

  it('leave a product a draft if its family requires more attributes, and report the missing ones', async () => {
    const attributes = [{ name: 'custom:a', type: 'text', required: true }]
    const { id } = await service.made('/families', { name: 'Imported', attributes })
    const whole = { ...mug, Status: 'active', 'A (product.metafields.custom.a)': 'x' }
    const lacking = { ...whole, Handle: 'cup', 'Variant SKU': 'C-1', 'A (product.metafields.custom.a)': '' }
    const job = await run(csv(whole, lacking), `currency=EUR&family=${id}`)
    assertFields(job, { products: 2, refusedRows: 0, errorCount: 1 })
    assertFields(job.errors[0], { line: 3, column: 'Status' })
    assert.match(job.errors[0].reason, /is not published.*; attributes custom:a: /)
    const [cup, complete] = [await product('cup'), await product('mug')]
    assertFields(cup, { status: 'draft', family: id })
    assertFields(complete, { status: 'published', family: id })

    // A published product can't become incomplete, like in an edit.
    const { refusedRows, errors } = await run(csv({ ...whole, 'A (product.metafields.custom.a)': '' }))
    assert.equal(refusedRows, 1)
    assert.match(errors[0].reason, /not complete/)
  })

  it('refuse a product that breaks the rules, and import the others', async () => {
    const job = await run(
      csv(
        mug,
        { ...mug, Handle: 'cup', Title: 'Same SKU' },
        { Handle: 'cup', 'Image Src': 'a.jpg' },
        { ...mug, Handle: 'jug', 'Variant SKU': 'J-1' }
      )
    )
    assertFields(job, { state: 'done', rows: 4, refusedRows: 2, products: 2 })
    assert.equal(job.errors.length, 1)
    assertFields(job.errors[0], { line: 3, column: 'Variant SKU' })
  })
})
