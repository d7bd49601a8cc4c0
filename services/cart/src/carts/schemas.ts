import { idSchema, moneySchema, skuSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { MOST_PIECES } from './limits.ts'

export const cartId = idSchema('crt')
export const productId = idSchema('prd')

export const quantity = z.int().min(1).max(MOST_PIECES)

export const line = z.object({ productId, sku: skuSchema, quantity })

/** A cart as it is stored, without titles and prices. Its lines are in the order in which they were added. */
export const cart = z.object({
  id: cartId,
  version: z.int().min(1),
  /** The owner. A guest's cart has none. */
  customer: idSchema('cus').optional(),
  lines: z.array(line),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime()
})

/** The reason why a line is not available: catalog does not offer the product, the variant, or a price in the currency. */
const reason = z.enum(['product-not-offered', 'variant-not-offered', 'price-not-offered'])

/** A line with its current offer. While catalog does not answer, the line has only IDs and a quantity. */
const pricedLine = line.extend({
  available: z.boolean().optional(),
  reason: reason.optional(),
  title: z.string().optional(),
  options: z.record(z.string(), z.string()).optional(),
  unitPrice: moneySchema.optional(),
  total: moneySchema.optional()
})

/** A cart with current prices. `subtotal` adds up the available lines; `missing` names the services that did not answer. */
export const pricedCart = cart.extend({
  lines: z.array(pricedLine),
  subtotal: moneySchema.optional(),
  complete: z
    .boolean()
    .describe(
      'False if catalog did not answer: then the lines have no titles and prices, and the cart has no subtotal'
    ),
  missing: z.array(z.string())
})

export type Line = z.infer<typeof line>
export type Cart = z.infer<typeof cart>
export type PricedLine = z.infer<typeof pricedLine>
export type PricedCart = z.infer<typeof pricedCart>
