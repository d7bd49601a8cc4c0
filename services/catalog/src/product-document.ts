import type { Versioned } from '@bulkhead/chassis/aggregates'
import type { NewProduct, Product } from './product-schemas.ts'

type Variant = NewProduct['variants'][number]

/** A variant as it is stored: its option values in the order of the product's options. */
type StoredVariant = Omit<Variant, 'options'> & { values: string[] }

/**
 * A product as it is stored. No name that staff chose is the name of a field: MongoDB gives `$` and `.` in those a meaning.
 * `skus` are those of the variants once more, for their unique index; it is left out where there are none.
 */
export type StoredProduct = Omit<NewProduct, 'variants' | 'media' | 'attributes'> & {
  id: string
  status: Product['status']
  variants: StoredVariant[]
  skus?: string[]
  media: Product['media']
  attributes: { name: string; value: string }[]
  createdAt: Date
  publishedAt?: Date
}

/** The stored form of a product's editable fields, which must be consistent (`consistency.ts`). */
export const storedFields = ({ variants, media, attributes, ...product }: NewProduct) => ({
  ...product,
  variants: variants.map(({ options, ...variant }) => ({
    ...variant,
    values: product.options.map(({ name }) => options[name]!)
  })),
  ...(variants.length > 0 && { skus: variants.map(({ sku }) => sku) }),
  media: inOrder(media),
  attributes: Object.entries(attributes).map(([name, value]) => ({ name, value }))
})

/** Those without a position are where the list has them. */
const inOrder = (media: NewProduct['media']) =>
  media
    .map((medium, place) => ({ ...medium, position: medium.position ?? place + 1 }))
    .sort((one, other) => one.position - other.position)
    .map((medium, place) => ({ ...medium, position: place + 1 }))

/** A product as the API shows it. */
export const shownProduct = ({
  skus,
  variants,
  attributes,
  createdAt,
  publishedAt,
  ...product
}: Versioned<StoredProduct>): Product => ({
  ...product,
  variants: variants.map(({ values, ...variant }) => ({
    ...variant,
    options: Object.fromEntries(product.options.map(({ name }, place) => [name, values[place]!]))
  })),
  attributes: Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
  createdAt: createdAt.toISOString(),
  ...(publishedAt && { publishedAt: publishedAt.toISOString() })
})
