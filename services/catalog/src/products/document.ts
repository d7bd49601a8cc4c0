import { newId } from '@bulkhead/chassis/core'
import { fieldsOf } from '@bulkhead/chassis/http'
import type { Versioned } from '@bulkhead/chassis/mongo'
import { type NewProduct, type Product, product } from './schemas.ts'

type Variant = NewProduct['variants'][number]

/** A variant as it is stored, with its option values in the order of the product's options. */
type StoredVariant = Omit<Variant, 'options'> & { values: string[] }

/**
 * A product as it is stored. No name that staff chose is the name of a field: MongoDB gives `$` and `.` in those a meaning.
 * `skus` are those of the variants once more, for their unique index; it is left out where there are none. `titleKey` is what
 * titles sort by.
 */
export type StoredProduct = Omit<NewProduct, 'variants' | 'media' | 'attributes'> & {
  id: string
  status: Product['status']
  variants: StoredVariant[]
  skus?: string[]
  titleKey: string
  media: Product['media']
  attributes: { name: string; value: string }[]
  createdAt: Date
  publishedAt?: Date
}

/** The stored form of a product's editable fields, which must be consistent (`consistency.ts`). */
export const storedFields = ({ variants, media, attributes, seo, ...product }: NewProduct) => ({
  ...product,
  ...(seo && Object.keys(seo).length > 0 && { seo }),
  titleKey: sortKey(product.title),
  variants: variants.map(({ options, ...variant }) => ({
    ...variant,
    values: product.options.map(({ name }) => options[name]!)
  })),
  ...(variants.length > 0 && { skus: variants.map(({ sku }) => sku) }),
  media: inOrder(media),
  attributes: Object.entries(attributes).map(([name, value]) => ({ name, value }))
})

/** A new draft. Its ID is of the time of its making, so that sorting by ID sorts by that. */
export function draftOf(fields: NewProduct, at: Date): StoredProduct {
  return { ...storedFields(fields), id: newId('prd', { now: () => at }), status: 'draft', createdAt: at }
}

/** Case does not count, and 60 characters do: any title's key fits into a cursor. */
const sortKey = (title: string) => [...title.toLowerCase().normalize('NFC')].slice(0, 60).join('')

/** Images in the order of their positions, which count from 1 without gaps then. Those without one are where the list has them. */
export const inOrder = (media: NewProduct['media']) =>
  media
    .map((medium, place) => ({ ...medium, position: medium.position ?? place + 1 }))
    .sort((one, other) => one.position - other.position)
    .map((medium, place) => ({ ...medium, position: place + 1 }))

/** The attributes by their names. */
export const attributesOf = ({ attributes }: Pick<StoredProduct, 'attributes'>) =>
  Object.fromEntries(attributes.map(({ name, value }) => [name, value]))

const ofProduct = fieldsOf(product)

/** A product as the API shows it. */
export const shownProduct = (stored: Versioned<StoredProduct>): Product =>
  Object.assign(ofProduct(stored), {
    variants: stored.variants.map(({ values, ...variant }) => ({
      ...variant,
      options: Object.fromEntries(stored.options.map(({ name }, place) => [name, values[place]!]))
    })),
    attributes: attributesOf(stored),
    createdAt: stored.createdAt.toISOString(),
    ...(stored.publishedAt && { publishedAt: stored.publishedAt.toISOString() })
  })
