import assert from 'node:assert/strict'
import { changeByImport } from '../src/imports/rules.ts'
import { createDraft } from '../src/products/document.ts'
import { newProduct } from '../src/products/schemas.ts'
import { assertFields, mug as mugFields, startService } from './helper.ts'
import { csv, importFile, productOf } from './import-helper.ts'

const mug = { Handle: 'mug', Title: 'Mug', 'Variant SKU': 'M-1', 'Variant Price': '5.00' }
const rows = (count: number, row: (place: number) => Record<string, string>) =>
  Array.from({ length: count }, (_, place) => row(place))

describe('the rules of products in an import', () => {
  let service: Awaited<ReturnType<typeof startService>>

  before(async () => {
    service = await startService({ runsImports: true })
  })
  beforeEach(() => service.products.collection.deleteMany({}))
  after(() => service.close())

  const run = (file: string, query?: string) => importFile(service, file, query)
  const product = (handle: string) => productOf(service, handle)

  const beyond: [string, string, RegExp][] = [
    [
      'too many images of its variants',
      csv(
        ...rows(300, place => ({
          ...mug,
          'Option1 Name': 'Number',
          'Option1 Value': `${place}`,
          'Variant SKU': `M-${place}`,
          'Variant Image': `${place}.jpg`
        }))
      ),
      /media: /
    ],
    [
      'an attribute name that is too long',
      csv({ ...mug, [`A (product.metafields.a.${'b'.repeat(600)})`]: 'x' }),
      /attributes a:bbb/
    ],
    ['a weight that is too high', csv({ ...mug, 'Variant Grams': '999999999.6' }), /variants 1 weightGrams: /]
  ]
  for (const [what, file, reason] of beyond)
    it(`refuse a product with ${what}`, async () => {
      const job = await run(file)
      assertFields(job, { state: 'done', products: 0, errorCount: 1 })
      assert.match(job.errors[0].reason, reason)
    })

  it('keep attributes whose name is also the name of a column', async () => {
    await service.made('/products', { ...mugFields('mug'), attributes: { Title: 'engraved', Vendor: 'none' } })
    assert.equal((await run(csv({ ...mug, Vendor: 'Pottery' }))).changed, 1)
    assert.deepEqual((await product('mug')).attributes, { Title: 'engraved', Vendor: 'none' })
  })

  it('keep the text of an image without a row, and remove the text for an empty cell', async () => {
    const media = [
      { url: 'front.jpg', alt: 'front' },
      { url: 'blue.jpg', alt: 'blue' }
    ]
    const { variants } = mugFields('mug')
    await service.made('/products', { ...mugFields('mug'), variants, media })
    const sku = variants[0]!.sku
    const row = { ...mug, 'Variant SKU': sku, 'Image Alt Text': '', 'Image Src': 'front.jpg' }
    assert.equal((await run(csv({ ...row, 'Variant Image': 'blue.jpg' }))).changed, 1)
    assert.deepEqual((await product('mug')).media, [
      { url: 'front.jpg', position: 1 },
      { url: 'blue.jpg', position: 2, alt: 'blue' }
    ])
  })

  it('refuse a change if the attributes of two files together exceed the limit', async () => {
    const attributes = (prefix: string) =>
      Object.fromEntries(
        rows(700, place => ({ name: `A (product.metafields.${prefix}.${place})` })).map(({ name }) => [name!, 'x'])
      )
    assert.equal((await run(csv({ ...mug, ...attributes('a') }))).created, 1)
    const job = await run(csv({ ...mug, ...attributes('b') }))
    assertFields(job, { changed: 0, refusedRows: 1 })
    assert.match(job.errors[0].reason, /attributes: Must be 1000 at most/)
  })

  it('let a SKU move to another product of the file, but refuse a swap of two SKUs', async () => {
    const cup = { ...mug, Handle: 'cup', 'Variant SKU': 'C-1' }
    await run(csv(mug, cup))
    const moved = await run(
      csv({ ...mug, Handle: 'jug' }, { ...cup, 'Variant SKU': 'C-2' }, { ...mug, 'Variant SKU': 'C-1' })
    )
    assertFields(moved, { errors: [], created: 1, changed: 2 })
    const swapped = await run(csv({ ...mug, 'Variant SKU': 'C-2' }, { ...cup, 'Variant SKU': 'C-1' }))
    assertFields(swapped, { products: 0, refusedRows: 2 })
  })

  it('let SKUs move along a chain of products in any order', async () => {
    const named = (handle: string, sku: string) => ({ ...mug, Handle: handle, 'Variant SKU': sku })
    const chain = [named('a', 'S-2'), named('b', 'S-3'), named('c', 'S-4'), named('d', 'S-5')]
    const before = csv(...['a', 'b', 'c', 'd'].map((handle, place) => named(handle, `S-${place + 1}`)))
    for (const file of [csv(...chain), csv(...chain.toReversed())]) {
      await service.products.collection.deleteMany({})
      await run(before)
      assertFields(await run(file), { changed: 4, errors: [] })
    }
  })

  it('name columns by their names in the file, and list unknown columns', async () => {
    await run(csv(mug))
    const { Handle: _, 'Variant SKU': __, ...rest } = mug
    const job = await run(csv({ 'URL handle': 'cup', SKU: 'M-1', ...rest, Colour: 'red', 'Cost per item': '2' }))
    assert.deepEqual(job.unknownColumns, ['Colour'])
    assert.deepEqual(
      job.errors.map(({ column }: { column: string }) => column),
      ['SKU']
    )
  })

  it('allow an incomplete product to be archived or to stay unchanged', async () => {
    const { id } = await service.made('/families', { name: 'Growing' })
    await run(csv({ ...mug, Status: 'active' }), `currency=EUR&family=${id}`)
    const attributes = [{ name: 'custom:a', type: 'text', required: true }]
    await service
      .staff('put', `/families/${id}`)
      .set('If-Match', '"1"')
      .send({ name: 'Growing', attributes })
      .expect(200)
    const same = await run(csv({ ...mug, Status: 'active' }))
    assertFields(same, { unchanged: 1, errors: [] })
    const archived = await run(csv({ ...mug, Title: 'Old mug', Status: 'archived' }))
    assertFields(archived, { changed: 1, errors: [] })
    assertFields(await product('mug'), { status: 'archived', title: 'Old mug' })
    const again = await run(csv({ ...mug, Title: 'New mug', Status: 'active' }))
    assert.equal(again.changed, 1)
    assert.equal((await product('mug')).status, 'archived')
    assert.match(again.errors[0].reason, /^It is not published: It is archived, and stays so/)
  })

  it('refuse a product whose handle has changed in the meantime', () => {
    const before = { ...createDraft(newProduct.parse(mugFields('renamed')), new Date()), version: 2 }
    const fileProduct = {
      product: { ...newProduct.parse(mugFields('mug')), status: 'draft' as const, media: [] },
      generatedSkus: new Set<string>(),
      isPartial: false,
      columns: new Set<string>(),
      currency: 'EUR',
      categories: []
    }
    const context = { family: undefined, now: new Date(), setUnpublishedReason: () => undefined }
    assert.throws(() => changeByImport(before, fileProduct, context), /handle was changed/)
  })
})
