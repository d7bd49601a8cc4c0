import type { Money } from '@bulkhead/chassis/core'
import { orderMedia } from '../products/document.ts'
import { LONGEST_NAME, MOST_MEDIA, MOST_TAGS, MOST_VARIANTS, PRODUCT_BYTES } from '../products/limits.ts'
import { filledFields, readBoolean, readImageAddress, readInteger } from './cells.ts'
import { BadCell, cellOf, type Row, rawCellOf, readAttributes, refuseFormula } from './rows.ts'
import { generateSku } from './sku.ts'
import { hasVariant, type ImportedVariant, readOptionNames, readVariant } from './variant.ts'

type ImportedMedium = { url: string; position: number; alt?: string }

export type ImportedProduct = {
  /** The handle in lower case, because `Mug` and `mug` are the same product for Shopify. */
  handle: string
  title: string
  /** HTML in its original form, possibly with scripts. Clients that render it must sanitise it. */
  description: string
  vendor?: string
  type?: string
  /** A path in Shopify's taxonomy, such as `Home & Garden > Kitchen & Dining`. */
  category?: string
  tags: string[]
  status: 'draft' | 'published' | 'archived'
  options: { name: string; values: string[] }[]
  variants: ImportedVariant[]
  /** The images that have their own rows, in the order of positions. `position` counts from 1. */
  media: ImportedMedium[]
  seo?: { title?: string; description?: string }
  /** The product's attributes. Metafields have the key `<namespace>:<key>`, columns of Google Shopping have `google:<name>`. */
  attributes: Record<string, string>
}

/** A product while its rows are read. */
export type Draft = {
  rows: number
  bytes: number
  product: ImportedProduct
  optionNames: string[]
  /** The quantities in the order of the variants. */
  quantities: (number | undefined)[]
  /** The SKUs in the file. */
  skus: Set<string>
  /** The option values of each variant, as JSON. */
  choices: Set<string>
}

/** Creates a product from its first row, with the row's variant and image. Throws `BadCell`. */
export function startProduct(handle: string, row: Row, parsePrice: (text: string) => Money): Draft {
  const title = cellOf(row, 'Title')
  if (!title) throw new BadCell('Title', 'is missing in the first row of the product')
  const optionalFields = {
    vendor: cellOf(row, 'Vendor'),
    type: cellOf(row, 'Type'),
    category: cellOf(row, 'Product Category'),
    seo: readSeo(row)
  }
  const product: ImportedProduct = {
    ...filledFields(optionalFields),
    handle,
    title,
    description: rawCellOf(row, 'Body (HTML)'),
    tags: readTags(row),
    status: readStatus(row),
    options: [],
    variants: [],
    media: [],
    attributes: readAttributes(row)
  }
  const optionNames = readOptionNames(row)
  const draft: Draft = { rows: 0, bytes: 0, product, optionNames, quantities: [], skus: new Set(), choices: new Set() }
  addRow(draft, row, parsePrice)
  return draft
}

/** Adds the variant and the image of a row to the product. Throws `BadCell` for a bad row; then the draft is unchanged. */
export function addRow(draft: Draft, row: Row, parsePrice: (text: string) => Money): void {
  const { product, skus, choices } = draft
  if (draft.bytes + row.bytes > PRODUCT_BYTES)
    throw new BadCell('Handle', 'the rows of the product are larger than 4 MiB')
  const image = readImage(row, product.media)
  const read = hasVariant(row) ? readVariant(row, draft.optionNames, parsePrice) : undefined
  if (read) {
    const { sku, options } = read.variant
    const choice = JSON.stringify(Object.values(options))
    if (product.variants.length === MOST_VARIANTS)
      throw new BadCell('Handle', `the product has more than ${MOST_VARIANTS} variants`)
    if (skus.has(sku)) throw new BadCell('Variant SKU', 'is the SKU of an earlier variant of the product')
    // A price list names its variants only by SKU.
    const isBySku = sku !== '' && !row.columns.places.has('Option1 Value')
    if (!isBySku && choices.has(choice)) {
      const column = row.columns.places.has('Option1 Value') ? 'Option1 Value' : 'Handle'
      throw new BadCell(column, 'an earlier variant has the same options')
    }
    if (sku) skus.add(sku)
    choices.add(choice)
    product.variants.push(read.variant)
    draft.quantities.push(read.quantity)
  }
  if (image) product.media.push(image)
  draft.rows += 1
  draft.bytes += row.bytes
}

/** Finishes a product: lists the options of its variants, generates missing SKUs and sorts the images by their positions. */
export function finishProduct({ rows, product, optionNames, quantities, skus }: Draft) {
  // Not earlier, because a generated SKU must differ from all SKUs in the file.
  const generatedSkus = new Set<string>()
  const variants = product.variants.map(variant => {
    if (variant.sku) return variant
    const sku = generateSku(product.handle, Object.values(variant.options), skus)
    generatedSkus.add(sku)
    return { ...variant, sku }
  })
  const options = optionNames.filter(Boolean).map(name => ({
    name,
    values: [...new Set(variants.map(variant => variant.options[name]!))]
  }))
  const stock = variants.flatMap(({ sku }, place) => {
    const quantity = quantities[place]
    return quantity === undefined ? [] : [{ sku, quantity }]
  })
  return { rows, product: { ...product, options, variants, media: orderMedia(product.media) }, stock, generatedSkus }
}

function readTags(row: Row): string[] {
  const tags = cellOf(row, 'Tags')
    .split(',')
    .map(tag => tag.trim())
    .filter(Boolean)
  if (tags.length > MOST_TAGS) throw new BadCell('Tags', `are more than ${MOST_TAGS}`)
  if (tags.some(tag => tag.length > LONGEST_NAME))
    throw new BadCell('Tags', `has a tag longer than ${LONGEST_NAME} characters`)
  for (const tag of tags) refuseFormula('Tags', tag, 'name')
  return [...new Set(tags)]
}

function readSeo(row: Row): ImportedProduct['seo'] {
  const seo = filledFields({ title: cellOf(row, 'SEO Title'), description: cellOf(row, 'SEO Description') })
  return Object.keys(seo).length > 0 ? seo : undefined
}

/**
 * Reads the status. A product is published only if Status or Published says so and neither contradicts it. An unlisted product becomes a
 * draft.
 */
function readStatus(row: Row): ImportedProduct['status'] {
  const status = cellOf(row, 'Status').toLowerCase()
  const isPublished = readBoolean(row, 'Published') ?? status === 'active'
  if (status === 'archived') return status
  if (status === 'draft' || status === 'unlisted') return 'draft'
  if (status !== '' && status !== 'active') throw new BadCell('Status', 'is not active, draft, archived or unlisted')
  return isPublished ? 'published' : 'draft'
}

/** Reads the image of a row. Returns undefined if the row has no image or the product already has it. Throws `BadCell`. */
function readImage(row: Row, media: ImportedMedium[]): ImportedMedium | undefined {
  const url = readImageAddress(row, 'Image Src')
  if (!url || media.some(medium => medium.url === url)) return undefined
  if (media.length === MOST_MEDIA) throw new BadCell('Image Src', `the product has more than ${MOST_MEDIA} images`)
  const position = readInteger(row, 'Image Position') ?? media.length + 1
  if (position < 1) throw new BadCell('Image Position', 'is less than 1')
  return { url, position, ...filledFields({ alt: cellOf(row, 'Image Alt Text') }) }
}
