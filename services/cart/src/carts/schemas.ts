import { idSchema, moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { MOST_PIECES } from './limits.ts'

export const cartId = idSchema('crt')
export const productId = idSchema('prd')

/** A dot or two can't be part of a path, and half a character can't be stored. */
export const sku = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(/^(?!\.{1,2}$)/, "Can't be dots alone")
  .refine(text => text.isWellFormed(), 'Must be well-formed Unicode')

export const quantity = z.int().min(1).max(MOST_PIECES)

export const line = z.object({ productId, sku, quantity })

/** A cart as it is stored: IDs and quantities. The lines are in the order in which they came. */
export const cart = z.object({
  id: cartId,
  version: z.int().min(1),
  /** Whose it is; a guest's cart has none. */
  customer: idSchema('cus').optional(),
  lines: z.array(line),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime()
})

/** Why a line can't be bought: not in the shop, not in this variant, or not in this currency. */
const reason = z.enum(['product-not-offered', 'variant-not-offered', 'price-not-offered'])

/** A line with what catalog says of it now; only IDs and quantity while catalog says nothing. */
const pricedLine = line.extend({
  available: z.boolean().optional(),
  reason: reason.optional(),
  title: z.string().optional(),
  options: z.record(z.string(), z.string()).optional(),
  unitPrice: moneySchema.optional(),
  total: moneySchema.optional()
})

/** A cart with prices. `subtotal` is of the lines that are available; `missing` names the services that did not answer. */
export const pricedCart = cart.extend({
  lines: z.array(pricedLine),
  subtotal: moneySchema.optional(),
  complete: z
    .boolean()
    .describe('Whether catalog answered: without it, lines have no titles and prices, and there is no subtotal'),
  missing: z.array(z.string())
})

export type Line = z.infer<typeof line>
export type Cart = z.infer<typeof cart>
export type PricedLine = z.infer<typeof pricedLine>
export type PricedCart = z.infer<typeof pricedCart>
