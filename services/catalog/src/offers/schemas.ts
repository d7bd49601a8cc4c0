import { moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { LONGEST_NAME } from '../products/limits.ts'
import { productFields, productId, variant } from '../products/schemas.ts'

/** Variants in one query: as many as a cart or an order has lines. */
export const MOST_OFFERS = 100
/** Bytes of an answer with as many offers and the longest names, which take six bytes a character in JSON. */
export const OFFERS_BYTES = 2 * 1024 * 1024

const { options, taxable, requiresShipping } = variant.shape

/** Any short text. A SKU that no variant can have is not found, and the other lines of the cart still get their offers. */
const sku = z.string().max(LONGEST_NAME)

/** Names the variants, and the currency of their prices. */
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

/** A line of the query whose product is published. The limits of its texts bound the size of an answer. */
export const offer = z.object({
  productId,
  sku,
  title: productFields.title,
  variant: offeredVariant.optional().describe('Missing if the product has no variant with this SKU')
})

export type OfferQuery = z.infer<typeof offerQuery>
export type Offer = z.infer<typeof offer>
