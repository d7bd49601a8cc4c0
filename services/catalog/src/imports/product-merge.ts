import type { NewProduct } from '../products/schemas.ts'
import type { Column } from '../shopify/columns.ts'
import type { ImportedProduct } from '../shopify/product.ts'
import type { FileProduct } from './file-product.ts'
import { type ColumnSet, withKept } from './kept-fields.ts'
import { mergedVariants } from './variant-merge.ts'

/** The editable fields of a product that is new. */
export function newFields({ product: { category, status, ...fields }, categories, family }: FileProduct): NewProduct {
  const media = numbered([...fields.media, ...namedBy(fields.variants)])
  return { ...fields, media, categories: categories ?? [], ...(family && { family }) }
}

/**
 * The editable fields of a product after the import of a file. A field for which the file has no column keeps its value, an empty cell
 * empties it. Prices in other currencies stay. Throws a 422 where the file can't say which variant it means.
 */
export function mergedFields(before: NewProduct, imported: FileProduct): NewProduct {
  const { product, columns, isPartial } = imported
  const { seo, ...fields } = newFields(imported)
  const { options, variants } = mergedVariants(before, imported)
  const { seo: seoBefore = {}, ...rest } = before
  const seoAfter = withKept(seoBefore, seo ?? {}, columnOfSeo, columns)
  // A file's attribute is `namespace:key`; one that staff calls "Title" is not the column of that name.
  const inFile = (name: string) => name.includes(':') && columns.has(name)
  const attributes = Object.entries(before.attributes).filter(
    ([name]) => !inFile(name) || Object.hasOwn(product.attributes, name)
  )
  return {
    ...withKept(rest, fields, columnOfField, columns),
    categories: imported.categories ?? before.categories,
    options,
    variants,
    media: mergedMedia(before, product, variants, columns, isPartial),
    ...(Object.keys(seoAfter).length > 0 && { seo: seoAfter }),
    // In the order they had, or an import would change what it does not.
    attributes: { ...Object.fromEntries(attributes), ...product.attributes }
  }
}

const columnOfField: Record<string, Column> = {
  description: 'Body (HTML)',
  vendor: 'Vendor',
  type: 'Type',
  tags: 'Tags'
}

const columnOfSeo: Record<string, Column> = { title: 'SEO Title', description: 'SEO Description' }

type Media = NewProduct['media']

/**
 * The file's images, with those before if it has no column for them or left rows out; each that a variant names is there. The file
 * says the text only of an image that has a row. An image that was there keeps its other fields.
 */
function mergedMedia(
  before: NewProduct,
  { media }: ImportedProduct,
  variants: NewProduct['variants'],
  columns: ColumnSet,
  isPartial: boolean
): Media {
  const hasImages = columns.has('Image Src' satisfies Column)
  const lists = [hasImages ? media : before.media, isPartial ? before.media : [], namedBy(variants)]
  const imageBefore = new Map(before.media.map(medium => [medium.url, medium]))
  const inFile = new Set(media.map(({ url }) => url))
  const noColumns = new Set<string>()
  return numbered(lists.flat()).map(medium =>
    withKept(imageBefore.get(medium.url) ?? {}, medium, columnOfMedium, inFile.has(medium.url) ? columns : noColumns)
  )
}

const columnOfMedium: Record<string, Column> = { alt: 'Image Alt Text' }

const namedBy = (variants: NewProduct['variants']): Media =>
  variants.flatMap(({ media }) => (media === undefined ? [] : [{ url: media }]))

/** Each image once, where it is first, with its place as `position`. */
function numbered(media: Media): Media {
  const byUrl = new Map<string, Media[number]>()
  for (const medium of media) if (!byUrl.has(medium.url)) byUrl.set(medium.url, medium)
  return [...byUrl.values()].map((medium, place) => ({ ...medium, position: place + 1 }))
}
