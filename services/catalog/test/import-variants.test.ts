import assert from 'node:assert/strict'
import { assertFields, editable, startService } from './helper.ts'
import { csv, importFile, productOf } from './import-helper.ts'

const mug = { Handle: 'mug', Title: 'Mug', 'Variant SKU': 'M-1', 'Variant Price': '5.00' }
const size = (value: string, handle = 'mug', price = '5') => ({
  Handle: handle,
  Title: 'Mug',
  'Option1 Name': 'Size',
  'Option1 Value': value,
  'Variant SKU': `${handle}-${value}`,
  'Variant Price': price
})

describe('variants of imported products', () => {
  let service: Awaited<ReturnType<typeof startService>>

  before(async () => {
    service = await startService({ runsImports: true })
  })
  beforeEach(() => service.products.collection.deleteMany({}))
  after(() => service.close())

  const run = (file: string, query?: string) => importFile(service, file, query)
  const variants = async (handle = 'mug'): Promise<{ sku: string; prices: object[] }[]> =>
    (await productOf(service, handle)).variants
  const skus = async (handle?: string) => (await variants(handle)).map(({ sku }) => sku)

  it('stay if rows of the product occur again after another product', async () => {
    await run(csv(size('S'), size('M'), size('S', 'cup'), size('L', 'cup')))
    const job = await run(csv(size('S', 'mug', '6'), size('S', 'cup'), size('M', 'mug', '6'), size('L', 'cup')))
    assertFields(job, { state: 'done', refusedRows: 1, changed: 1 })
    assert.deepEqual(await skus(), ['mug-S', 'mug-M'])
    assert.deepEqual(await skus('cup'), ['cup-S', 'cup-L'])
  })

  it('stay if a row without a Handle may be the first row of the product', async () => {
    await run(csv(size('S'), size('S', 'cup'), size('L', 'cup')))
    await run(csv(size('S'), size('S', ''), size('L', 'cup')))
    assert.deepEqual(await skus('cup'), ['cup-L', 'cup-S'])
  })

  it('stay if rows are refused and the options have other names, because the product is refused', async () => {
    await run(csv(size('S'), size('M')))
    const renamed = (value: string, price: string) => ({ ...size(value, 'mug', price), 'Option1 Name': 'Volume' })
    const job = await run(csv(renamed('S', '6'), renamed('M', 'cheap')))
    assertFields(job, { products: 0, refusedRows: 2 })
    assert.match(job.errors[0].reason, /options have other names/)
    assert.deepEqual(await skus(), ['mug-S', 'mug-M'])
    await run(csv(renamed('S', '6'), renamed('M', '6'), { Handle: 'mug', 'Image Src': '?', 'Image Position': 'x' }))
    assert.deepEqual((await productOf(service, 'mug')).options, [{ name: 'Volume', values: ['S', 'M'] }])
  })

  it("keep their prices and the SKU that staff chose if the SKU's cell is empty", async () => {
    const sizes = [size('S'), size('M')].map(row => ({ ...row, 'Variant Inventory Qty': '3' }))
    const nameless = sizes.map(row => ({ ...row, 'Variant SKU': '' }))
    await run(csv(...nameless), 'currency=USD')
    const { id, version, ...fields } = editable(await productOf(service, 'mug'))
    fields.variants[0].sku = 'STAFF-1'
    await service.staff('put', `/products/${id}`).set('If-Match', `"${version}"`).send(fields).expect(200)
    const job = await run(csv(nameless[0]!, sizes[1]!))
    assert.deepEqual(await skus(), ['STAFF-1', 'mug-M'])
    assert.deepEqual(
      (await variants()).map(({ prices }) => prices.length),
      [2, 2]
    )
    const stock = await service.staff('get', `/imports/${job.id}/stock`)
    assert.deepEqual(
      stock.body.items.map(({ sku }: { sku: string }) => sku),
      ['STAFF-1', 'mug-M']
    )
  })

  it('get new prices from a list of SKUs', async () => {
    await run(csv(size('S'), size('M'), size('L')))
    const price = (sku: string, amount: string) => ({ ...mug, 'Variant SKU': sku, 'Variant Price': amount })
    const job = await run(csv(price('mug-L', '8'), price('mug-S', '7')))
    assertFields(job, { errors: [], changed: 1 })
    assert.deepEqual(
      (await variants()).map(({ prices }) => prices),
      [700, 500, 800].map(amount => [{ amount, currency: 'EUR' }])
    )
    // A new product with two variants needs options.
    const fresh = await run(csv({ ...price('1', '8'), Handle: 'new' }, { ...price('2', '8'), Handle: 'new' }))
    assertFields(fresh, { products: 0, refusedRows: 2 })
  })

  it('keep an option without columns in the file, because the product is refused', async () => {
    const coloured = (value: string, colour: string) => ({
      ...size(value),
      'Option2 Name': 'Colour',
      'Option2 Value': colour
    })
    await run(csv(coloured('S', 'red'), coloured('L', 'blue')))
    const job = await run(csv(size('S', 'mug', '6'), size('L', 'mug', '6')))
    assertFields(job, { changed: 0, refusedRows: 2 })
    assert.match(job.errors[0].reason, /more options than the file has columns for them: Colour/)
    assert.deepEqual(
      (await productOf(service, 'mug')).options.map(({ name }: { name: string }) => name),
      ['Size', 'Colour']
    )
  })

  it('get no generated SKU that another variant of the product has kept', async () => {
    const nameless = (value: string) => ({ ...size(value), 'Variant SKU': '' })
    await run(csv(nameless('S'), nameless('M')))
    const [made] = await skus()
    const { id, version, ...fields } = editable(await productOf(service, 'mug'))
    const renamed = JSON.parse(JSON.stringify(fields).replaceAll('"S"', '"Small"'))
    await service.staff('put', `/products/${id}`).set('If-Match', `"${version}"`).send(renamed).expect(200)
    const file = csv(nameless('S'), nameless('M'), nameless('Small'))
    assert.equal((await run(file)).refusedRows, 0)
    const after = await skus()
    assert.equal(new Set(after).size, 3)
    assert.equal(after[2], made)
    assert.equal((await run(file)).unchanged, 1)
  })

  it('are refused if another product has their generated SKU, and the error explains that', async () => {
    const nameless = { Handle: 'mug', Title: 'Mug', 'Variant Price': '5' }
    await run(csv(nameless))
    const { id, version, ...fields } = editable(await productOf(service, 'mug'))
    const moved = { ...fields, handle: 'old-mug' }
    await service.staff('put', `/products/${id}`).set('If-Match', `"${version}"`).send(moved).expect(200)
    const [error] = (await run(csv(nameless))).errors
    assert.equal(error.column, 'Handle')
    assert.match(error.reason, /the SKU that was generated from this handle/)
  })
})
