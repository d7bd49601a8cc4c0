import { idList, pageQuery } from '@bulkhead/chassis/contract'
import { idSchema, moneySchema, skuSchema, textSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { categoryId } from '../categories/schemas.ts'
import { familyId } from '../families/schemas.ts'
import { anyText, attributeKey, optionKey, optionName } from '../text.ts'
import { canonicalHandle, HANDLE, isImageAddress } from './formats.ts'
import {
  LONGEST_ADDRESS,
  LONGEST_ALT,
  LONGEST_ATTRIBUTE,
  LONGEST_DESCRIPTION,
  LONGEST_NAME,
  LONGEST_SEO,
  MOST_ATTRIBUTES,
  MOST_MEDIA,
  MOST_OPTIONS,
  MOST_TAGS,
  MOST_VARIANTS
} from './limits.ts'

export const productId = idSchema('prd')

const prices = z.array(moneySchema).max(200)

/** A variant. `options` has a value for each of the product's options. `media` is the `url` of one of the product's media. */
export const variant = z.object({
  sku: skuSchema,
  options: z
    .record(optionKey, textSchema(LONGEST_NAME))
    .refine(chosen => Object.keys(chosen).length <= MOST_OPTIONS, `Must be ${MOST_OPTIONS} at most`)
    .default({}),
  prices: prices.default([]),
  compareAtPrices: prices.optional(),
  weightGrams: z.int().min(0).max(999_999_999).optional(),
  barcode: textSchema(LONGEST_NAME).optional(),
  requiresShipping: z.boolean().default(true),
  taxable: z.boolean().default(true),
  media: textSchema(LONGEST_ADDRESS).optional()
})

/** An image by its URL, on the web or relative to the folder of the shop's images. The API shows positions from 1 without gaps. */
const medium = z.object({
  url: textSchema(LONGEST_ADDRESS).refine(isImageAddress, 'Must be an address on the web'),
  position: z.int().min(1).max(999_999_999).optional(),
  alt: textSchema(LONGEST_ALT).optional()
})

const seoFields = { title: textSchema(LONGEST_SEO), description: textSchema(LONGEST_SEO) }
const attributeValue = textSchema(LONGEST_ATTRIBUTE)

/** The fields of a product that staff can edit. */
export const productFields = {
  handle: textSchema(LONGEST_NAME)
    .regex(HANDLE, { error: 'Must be letters, digits, - and _, with a letter or a digit first', abort: true })
    .refine(handle => handle === canonicalHandle(handle), 'Must be in lower case and NFC'),
  title: textSchema(LONGEST_NAME),
  /** HTML in its original form. Clients that render it must sanitise it. */
  description: anyText(LONGEST_DESCRIPTION),
  vendor: textSchema(LONGEST_NAME),
  type: textSchema(LONGEST_NAME),
  family: familyId,
  categories: z.array(categoryId).max(100),
  tags: z.array(textSchema(LONGEST_NAME)).max(MOST_TAGS),
  options: z
    .array(z.object({ name: optionName, values: z.array(textSchema(LONGEST_NAME)).min(1).max(MOST_VARIANTS) }))
    .max(MOST_OPTIONS),
  variants: z.array(variant).max(MOST_VARIANTS),
  media: z.array(medium).max(MOST_MEDIA),
  seo: z.object(seoFields).partial(),
  attributes: z
    .record(attributeKey, attributeValue)
    .refine(record => Object.keys(record).length <= MOST_ATTRIBUTES, `Must be ${MOST_ATTRIBUTES} at most`)
}

export const newProduct = z.object({
  ...productFields,
  description: productFields.description.default(''),
  vendor: productFields.vendor.optional(),
  type: productFields.type.optional(),
  family: productFields.family.optional(),
  categories: productFields.categories.default([]),
  tags: productFields.tags.default([]),
  options: productFields.options.default([]),
  variants: productFields.variants.default([]),
  media: productFields.media.default([]),
  seo: productFields.seo.optional(),
  attributes: productFields.attributes.default({})
})

const removable = (schema: z.ZodType) => schema.nullable().optional()
const removableFields = (fields: Record<string, z.ZodType>) =>
  z.object(Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, removable(schema)])))

/** A JSON merge patch of the editable fields (RFC 7396). Null removes a field. A list replaces the whole list. */
export const productPatch = removableFields({
  ...productFields,
  seo: removableFields(seoFields),
  attributes: z.record(attributeKey, attributeValue.nullable())
})

const productStatus = z.enum(['draft', 'published', 'archived'])

export const product = newProduct.extend({
  id: productId,
  version: z.int().min(1),
  media: z.array(medium.required({ position: true })),
  status: productStatus,
  createdAt: z.iso.datetime(),
  publishedAt: z.iso.datetime().optional()
})

const productSort = z.enum(['createdAt', '-createdAt', 'title', '-title'])

const filters = ['status', 'category', 'family', 'tag', 'handle', 'cursor'] as const

export const productQuery = z
  .object({
    ids: idList(productId).optional(),
    status: productStatus.optional(),
    category: categoryId.optional(),
    family: familyId.optional(),
    tag: textSchema(255).optional(),
    handle: textSchema(255).optional(),
    sort: productSort.default('createdAt'),
    ...pageQuery
  })
  .refine(query => query.ids === undefined || filters.every(name => query[name] === undefined), {
    path: ['ids'],
    message: 'Go without filters and cursor'
  })

export type ProductSort = z.infer<typeof productSort>
export type ProductQuery = z.infer<typeof productQuery>

/** The editable fields of a product, with defaults for missing ones. */
export type NewProduct = z.infer<typeof newProduct>

/** A product as the API shows it. */
export type Product = z.infer<typeof product>
