import type { Money } from '@bulkhead/chassis/money'
import { booleanOf, integerOf } from './cells.ts'
import { attributesOf, BadCell, cellOf, type Row } from './columns.ts'
import { madeSku } from './sku.ts'
import { hasVariant, type ImportedVariant, optionNamesOf, readVariant } from './variant.ts'

export type ImportedProduct = {
  handle: string
  title: string
  description: string
  vendor?: string
  type?: string
  tags: string[]
  status: 'draft' | 'published' | 'archived'
  options: { name: string; values: string[] }[]
  variants: ImportedVariant[]
  media: { url: string; position: number; alt?: string }[]
  attributes: Record<string, string>
}

/** A product while its rows come in; `quantities` are by variant, `skus` those of the file, `choices` option values. */
export type Draft = {
  rows: number
  product: ImportedProduct
  optionNames: string[]
  quantities: (number | undefined)[]
  skus: Set<string>
  choices: Set<string>
}

// Shopify's own limits of a product.
const MOST_VARIANTS = 2048
const MOST_MEDIA = 250
const MOST_TAGS = 250

/** Starts a product from its first row, with the row's variant and image. Throws `BadCell`. */
export function startProduct(row: Row, readPrice: (text: string) => Money): Draft {
  const title = cellOf(row, 'Title')
  if (!title) throw new BadCell('Title', 'is missing in the first row of the product')
  const [vendor, type] = [cellOf(row, 'Vendor'), cellOf(row, 'Type')]
  const product: ImportedProduct = {
    handle: cellOf(row, 'Handle'),
    title,
    description: cellOf(row, 'Body (HTML)'),
    ...(vendor && { vendor }),
    ...(type && { type }),
    tags: tagsOf(row),
    status: statusOf(row),
    options: [],
    variants: [],
    media: [],
    attributes: attributesOf(row)
  }
  const optionNames = optionNamesOf(row)
  const draft: Draft = { rows: 0, product, optionNames, quantities: [], skus: new Set(), choices: new Set() }
  addRow(draft, row, readPrice)
  return draft
}

/** Adds a row's variant and image to the product, or neither: throws `BadCell` and leaves the draft as it was. */
export function addRow(draft: Draft, row: Row, readPrice: (text: string) => Money): void {
  const { product, skus, choices } = draft
  const image = imageOf(row, product.media)
  const read = hasVariant(row) ? readVariant(row, draft.optionNames, readPrice) : undefined
  if (read) {
    const { sku, options } = read.variant
    const choice = JSON.stringify(Object.values(options))
    if (product.variants.length === MOST_VARIANTS)
      throw new BadCell('Handle', `the product has more than ${MOST_VARIANTS} variants`)
    if (skus.has(sku)) throw new BadCell('Variant SKU', 'is the SKU of an earlier variant of the product')
    if (choices.has(choice)) throw new BadCell('Option1 Value', 'an earlier variant has the same options')
    if (sku) skus.add(sku)
    choices.add(choice)
    product.variants.push(read.variant)
    draft.quantities.push(read.quantity)
  }
  if (image) product.media.push(image)
  draft.rows += 1
}

/** Ends a product: lists the options its variants have, makes missing SKUs and orders the images by their positions. */
export function finishProduct({ rows, product, optionNames, quantities, skus }: Draft) {
  // Only now are all SKUs of the file known, and a made one must differ from them.
  const variants = product.variants.map(variant => {
    const sku = variant.sku || madeSku(product.handle, Object.values(variant.options), skus)
    skus.add(sku)
    return { ...variant, sku }
  })
  const options = optionNames.filter(Boolean).map(name => ({
    name,
    values: [...new Set(variants.map(variant => variant.options[name]!))]
  }))
  const media = product.media.toSorted((one, other) => one.position - other.position)
  const stock = variants.flatMap(({ sku }, place) => {
    const quantity = quantities[place]
    return quantity === undefined ? [] : [{ sku, quantity }]
  })
  return { rows, product: { ...product, options, variants, media }, stock }
}

function tagsOf(row: Row): string[] {
  const tags = cellOf(row, 'Tags')
    .split(',')
    .map(tag => tag.trim())
    .filter(Boolean)
  if (tags.length > MOST_TAGS) throw new BadCell('Tags', `are more than ${MOST_TAGS}`)
  if (tags.some(tag => tag.length > 255)) throw new BadCell('Tags', 'has a tag longer than 255 characters')
  return [...new Set(tags)]
}

/** Visible only when the file says so: an active product that is not published is a draft, and so is one without either. */
function statusOf(row: Row): ImportedProduct['status'] {
  const published = booleanOf(row, 'Published', false)
  const status = cellOf(row, 'Status').toLowerCase()
  if (status === 'draft' || status === 'archived') return status
  if (status !== '' && status !== 'active') throw new BadCell('Status', 'is not active, draft or archived')
  return published ? 'published' : 'draft'
}

function imageOf(row: Row, media: ImportedProduct['media']): ImportedProduct['media'][number] | undefined {
  const url = cellOf(row, 'Image Src')
  if (!url) return undefined
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) throw new BadCell('Image Src', 'is not an http or https URL')
  if (media.length === MOST_MEDIA) throw new BadCell('Image Src', `the product has more than ${MOST_MEDIA} images`)
  const position = integerOf(row, 'Image Position') ?? media.length + 1
  if (position < 1) throw new BadCell('Image Position', 'is less than 1')
  const alt = cellOf(row, 'Image Alt Text')
  return { url, position, ...(alt && { alt }) }
}
