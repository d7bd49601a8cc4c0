import { newId } from '@bulkhead/chassis/core'
import { fieldPicker } from '@bulkhead/chassis/http'
import type { Versioned } from '@bulkhead/chassis/mongo'
import { type NewProduct, type Product, product } from './schemas.ts'

type Variant = NewProduct['variants'][number]

/** A variant as it is stored, with its option values in the order of the product's options. */
type StoredVariant = Omit<Variant, 'options'> & { values: string[] }

/**
 * A product as it is stored. Names that staff choose are stored as values, never as field names, because MongoDB interprets `$` and `.` in
 * field names.
 */
export type StoredProduct = Omit<NewProduct, 'variants' | 'media' | 'attributes'> & {
  id: string
  status: Product['status']
  variants: StoredVariant[]
  /** A copy of the variants' SKUs for their unique index. The field is missing if there are no variants. */
  skus?: string[]
  /** The key by which products are sorted by title. */
  titleKey: string
  media: Product['media']
  attributes: { name: string; value: string }[]
  createdAt: Date
  publishedAt?: Date
}

/** Converts the editable fields of a product to their stored form. They must be consistent (`consistency.ts`). */
export const toStoredFields = ({ variants, media, attributes, seo, ...product }: NewProduct) => ({
  ...product,
  seo: seo && Object.keys(seo).length > 0 ? seo : undefined,
  titleKey: sortKeyOf(product.title),
  variants: variants.map(({ options, ...variant }) => ({
    ...variant,
    values: product.options.map(({ name }) => options[name]!)
  })),
  // An empty list would count as a value in the unique index.
  skus: variants.length > 0 ? variants.map(({ sku }) => sku) : undefined,
  media: orderMedia(media),
  attributes: Object.entries(attributes).map(([name, value]) => ({ name, value }))
})

/** Creates a draft. Its ID starts with the time of creation, so that sorting by ID sorts by time. */
export function createDraft(fields: NewProduct, createdAt: Date): StoredProduct {
  const id = newId('prd', { now: () => createdAt })
  return { ...toStoredFields(fields), id, status: 'draft', createdAt }
}

/**
 * Returns the sort key of a title. Titles sort without regard to case. The key has at most 60 characters, so that it fits into a cursor.
 */
const sortKeyOf = (title: string) => [...title.toLowerCase().normalize('NFC')].slice(0, 60).join('')

/** Sorts images by their positions and numbers them from 1 without gaps. An image without a position is sorted by its place in the list. */
export const orderMedia = (media: NewProduct['media']) =>
  media
    .map((medium, place) => ({ ...medium, position: medium.position ?? place + 1 }))
    .sort((one, other) => one.position - other.position)
    .map((medium, place) => ({ ...medium, position: place + 1 }))

/** Converts stored attributes to an object with a value for each name. */
export const toAttributes = ({ attributes }: Pick<StoredProduct, 'attributes'>) =>
  Object.fromEntries(attributes.map(({ name, value }) => [name, value]))

const productFieldsOf = fieldPicker(product)

/** Converts a stored product to the form that the API shows. */
export const toProduct = (stored: Versioned<StoredProduct>): Product =>
  Object.assign(productFieldsOf(stored), {
    variants: stored.variants.map(({ values, ...variant }) => ({
      ...variant,
      options: Object.fromEntries(stored.options.map(({ name }, place) => [name, values[place]!]))
    })),
    attributes: toAttributes(stored),
    createdAt: stored.createdAt.toISOString(),
    publishedAt: stored.publishedAt?.toISOString()
  })
