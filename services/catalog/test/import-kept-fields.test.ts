import assert from 'node:assert/strict'
import * as z from 'zod'
import { newProduct } from '../src/products/schemas.ts'
import { assertFields, startService } from './helper.ts'
import { csv, importFile, productOf } from './import-helper.ts'
import { type JsonSchema, sampleOf } from './sample.ts'

type Fields = Record<string, unknown>

const schema = z.toJSONSchema(newProduct, { io: 'input' }) as JsonSchema
const variantSchema = schema.properties!.variants!.items!

const sizes = [{ name: 'Size', values: ['S', 'L'] }]
const media = [
  { url: 'front.jpg', position: 1, alt: 'Front' },
  { url: 'side.jpg', position: 2, alt: 'Side' }
]
const prices = [
  { amount: 500, currency: 'EUR' },
  { amount: 600, currency: 'USD' }
]

/** Fields whose values must match other fields. The values of all other fields are generated from the schema. */
const consistentVariant = (size: string): Fields => ({
  sku: `mug-${size}`,
  options: { Size: size },
  prices,
  compareAtPrices: prices,
  media: 'side.jpg'
})

/** Returns a product whose value of every field in the schema differs from the default. */
function fullProduct(references: { family: string; categories: string[] }): Fields {
  const variant = (size: string) => ({ ...fieldsOf(variantSchema), ...consistentVariant(size) })
  const mediumFields = fieldsOf(schema.properties!.media!.items!)
  const optionFields = fieldsOf(schema.properties!.options!.items!)
  return {
    ...fieldsOf(schema),
    ...references,
    handle: 'mug',
    options: sizes.map(option => ({ ...optionFields, ...option })),
    variants: ['S', 'L'].map(variant),
    media: media.map(medium => ({ ...mediumFields, ...medium })),
    attributes: { 'custom:cloth': 'wool', Care: 'cold' }
  }
}

const fieldsOf = (schema: JsonSchema) => sampleOf(schema) as Fields

const NEEDED = ['Handle', 'Title', 'Variant Price']
/** The product in a file that has a column for every field of the format. */
const full = (size: string): Record<string, string> => ({
  Handle: 'mug',
  Title: 'Mug',
  'Body (HTML)': 'Text',
  Vendor: 'Pottery',
  Type: 'Cup',
  Tags: 'one, two',
  'Product Category': 'Home',
  Status: 'draft',
  'Option1 Name': 'Size',
  'Option1 Value': size,
  'Variant SKU': `mug-${size}`,
  'Variant Grams': '350',
  'Variant Price': '5',
  'Variant Compare At Price': '6',
  'Variant Requires Shipping': 'FALSE',
  'Variant Taxable': 'FALSE',
  'Variant Barcode': '42',
  'Image Src': size === 'S' ? 'front.jpg' : 'side.jpg',
  'Image Position': size === 'S' ? '1' : '2',
  'Image Alt Text': 'Alt',
  'Variant Image': 'side.jpg',
  'SEO Title': 'Title',
  'SEO Description': 'Description',
  'Cloth (product.metafields.custom.cloth)': 'wool'
})

describe('fields without a column in the imported file', () => {
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    service = await startService({ runsImports: true })
  })
  beforeEach(() => service.products.collection.deleteMany({}))
  after(() => service.close())

  async function madeFull() {
    const family = await service.made('/families', { name: `Family ${Math.random()}` })
    const category = await service.made('/categories', { name: `Category ${Math.random()}` })
    return service.made('/products', fullProduct({ family: family.id, categories: [category.id] }))
  }

  const row = (size: string, price: string) => ({
    Handle: 'mug',
    Title: 'New title',
    'Variant SKU': `mug-${size}`,
    'Variant Price': price
  })

  it('all have a value in the product of these tests', async () => {
    const product = await madeFull()
    assert.deepEqual(
      Object.keys(newProduct.shape).filter(field => product[field] === undefined),
      []
    )
    for (const variant of product.variants)
      assert.deepEqual(
        Object.keys(variantSchema.properties!).filter(field => variant[field] === undefined),
        []
      )
  })

  it('keep their values in products, variants, options, images and search texts', async () => {
    const { version, ...before } = await madeFull()
    const job = await importFile(service, csv(row('S', '7'), row('L', '8')))
    assertFields(job, { errors: [], changed: 1 })
    const { version: _, ...after } = await productOf(service, 'mug')
    const priced = (amount: number) => [{ amount, currency: 'EUR' }, prices[1]]
    const variants = before.variants.map((variant: Fields, place: number) => ({
      ...variant,
      prices: priced(700 + 100 * place)
    }))
    assert.deepEqual(after, { ...before, title: 'New title', variants })
  })

  it('keep fields of a later release in every part of a product', async () => {
    await madeFull()
    const parts = ['', 'variants.0.', 'variants.1.', 'options.0.', 'media.0.', 'media.1.', 'seo.']
    const later = Object.fromEntries(parts.map(part => [`${part}later`, 'kept']))
    await service.products.collection.updateOne({ handle: 'mug' } as object, { $set: later })
    const stored = async () => JSON.stringify(await service.products.find({ handle: 'mug' }).toArray())
    const count = async () => (await stored()).split('"later":"kept"').length - 1
    assert.equal(await count(), parts.length)
    for (const columns of [[...NEEDED, 'Variant SKU'], Object.keys(full('S'))]) {
      const rows = ['S', 'L'].map(size => only({ ...full(size), Title: `With ${columns.length} columns` }, columns))
      const { errors, changed } = await importFile(service, csv(...rows))
      assert.deepEqual({ errors, changed }, { errors: [], changed: 1 })
      assert.equal(await count(), parts.length)
    }
  })

  for (const column of Object.keys(full('S')).filter(
    column => !NEEDED.includes(column) && !column.startsWith('Option')
  ))
    it(`keep their values if the file has every column except ${column}`, async () => {
      const rows = ['S', 'L'].map(full)
      assert.equal((await importFile(service, csv(...rows))).created, 1)
      const columns = Object.keys(full('S')).filter(other => other !== column)
      const { errors, unchanged } = await importFile(service, csv(...rows.map(row => only(row, columns))))
      assert.deepEqual({ errors, unchanged }, { errors: [], unchanged: 1 })
    })
})

const only = (row: Record<string, string>, columns: string[]) =>
  Object.fromEntries(Object.entries(row).filter(([column]) => columns.includes(column)))
