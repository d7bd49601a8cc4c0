import { moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { LONGEST_NAME } from '../products/limits.ts'
import { productFields, productId, variant } from '../products/schemas.ts'

/** Maximum number of variants in one query. It is also the maximum number of lines in a cart or an order. */
export const MOST_OFFERS = 100
/** Maximum bytes of an answer: all offers with the longest names, which take six bytes a character in JSON. */
export const OFFERS_BYTES = 2 * 1024 * 1024

const { options, taxable, requiresShipping } = variant.shape

/** Any short text. A SKU that no variant can have is just not found, so the other lines of a cart still get their offers. */
const sku = z.string().max(LONGEST_NAME)

/** A query that names the variants and the currency of their prices. */
export const offerQuery = z.object({
  currency: moneySchema.shape.currency,
  lines: z.array(z.object({ productId, sku })).min(1).max(MOST_OFFERS)
})

const offeredVariant = z.object({
  options,
  price: moneySchema.optional().describe('Missing if the variant has no price in this currency'),
  taxable,
  requiresShipping
})

/** A line of the query whose product is published. The maximum lengths of its texts limit the size of an answer. */
export const offer = z.object({
  productId,
  sku,
  title: productFields.title,
  variant: offeredVariant.optional().describe('Missing if the product has no variant with this SKU')
})

export type OfferQuery = z.infer<typeof offerQuery>
export type Offer = z.infer<typeof offer>
