import type { NewProduct } from '../products/schemas.ts'
import type { Column } from '../shopify/columns.ts'
import type { FileProduct } from './file-product.ts'
import { keepFields } from './kept-fields.ts'
import { mergeVariants } from './variant-merge.ts'

type Media = NewProduct['media']

/** Returns the editable fields of a new product. */
export function newFields({ product: { category, status, ...fields }, categories, family }: FileProduct): NewProduct {
  const media = numberMedia([...fields.media, ...mediaOf(fields.variants)])
  const product: NewProduct = { ...fields, media, categories: categories ?? [] }
  if (family) product.family = family
  return product
}

/**
 * Returns the editable fields of a stored product after an import. A field keeps its value if its column is missing in the file; an empty
 * cell removes the field. Prices in other currencies stay. Throws a 422 if it is not clear which variant a row means.
 */
export function mergeFields(before: NewProduct, fileProduct: FileProduct): NewProduct {
  const { columns } = fileProduct
  const { seo, ...fields } = newFields(fileProduct)
  const { options, variants } = mergeVariants(before, fileProduct)
  const { seo: seoBefore = {}, ...rest } = before
  return {
    ...keepFields(rest, fields, columnOfField, columns),
    categories: fileProduct.categories ?? before.categories,
    options,
    variants,
    media: mergeMedia(before.media, variants, fileProduct),
    seo: keepFields(seoBefore, seo ?? {}, columnOfSeo, columns),
    attributes: mergeAttributes(before.attributes, fileProduct)
  }
}

const columnOfField: Record<string, Column> = {
  description: 'Body (HTML)',
  vendor: 'Vendor',
  type: 'Type',
  tags: 'Tags'
}

const columnOfSeo: Record<string, Column> = { title: 'SEO Title', description: 'SEO Description' }

/** Merges the attributes and keeps their order, because a different order would count as a change. */
function mergeAttributes(before: NewProduct['attributes'], { product, columns }: FileProduct) {
  // A file's attributes are named `namespace:key`. An attribute "Title" made by staff is not the column of that name.
  const isInFile = (name: string) => name.includes(':') && columns.has(name)
  const kept = Object.entries(before).filter(([name]) => !isInFile(name) || Object.hasOwn(product.attributes, name))
  return { ...Object.fromEntries(kept), ...product.attributes }
}

/**
 * Returns the images of the file and the images of its variants. The stored images stay if the file has no column for images or if rows
 * were left out. A stored image keeps its other fields. It also keeps its text if it has no row in the file.
 */
function mergeMedia(
  before: Media,
  variants: NewProduct['variants'],
  { product, columns, isPartial }: FileProduct
): Media {
  const hasImages = columns.has('Image Src' satisfies Column)
  const lists = [hasImages ? product.media : before, isPartial ? before : [], mediaOf(variants)]
  const imageBefore = new Map(before.map(medium => [medium.url, medium]))
  const inFile = new Set(product.media.map(({ url }) => url))
  const noColumns = new Set<string>()
  return numberMedia(lists.flat()).map(medium =>
    keepFields(imageBefore.get(medium.url) ?? {}, medium, columnOfMedium, inFile.has(medium.url) ? columns : noColumns)
  )
}

const columnOfMedium: Record<string, Column> = { alt: 'Image Alt Text' }

const mediaOf = (variants: NewProduct['variants']): Media =>
  variants.flatMap(({ media }) => (media === undefined ? [] : [{ url: media }]))

/** Removes repeated images and numbers the others from 1. */
function numberMedia(media: Media): Media {
  const byUrl = new Map<string, Media[number]>()
  for (const medium of media) if (!byUrl.has(medium.url)) byUrl.set(medium.url, medium)
  return [...byUrl.values()].map((medium, place) => ({ ...medium, position: place + 1 }))
}
