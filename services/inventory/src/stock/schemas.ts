import { idSchema, skuSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

/** Maximum number of pieces of one SKU on hand, and maximum change of one adjustment. */
export const MOST_STOCK = 1_000_000_000

const pieces = z.int().min(0)

/** The stock of a SKU. `onHand` is the sum of `available` and `held`. Only staff can see `onHand` and `held`. */
export const stock = z.object({
  sku: skuSchema,
  available: pieces.describe('Pieces that can be reserved now'),
  onHand: pieces.optional().describe('Pieces in the warehouse, for staff'),
  held: pieces.optional().describe('Pieces on hand that are held for orders, for staff')
})

/** Stock with all its holds, for staff. */
export const stockWithHolds = stock.extend({
  holds: z.array(z.object({ orderId: idSchema('ord'), quantity: z.int().min(1), at: z.iso.datetime() })).optional()
})

const reason = z.enum(['received', 'damaged', 'returned', 'counted', 'correction'])

/** An adjustment by staff: a change of the pieces on hand, or their number after a count. */
export const newAdjustment = z
  .object({
    change: z
      .int()
      .min(-MOST_STOCK)
      .max(MOST_STOCK)
      .optional()
      .describe('Pieces that were added; negative for pieces that left'),
    count: z.int().min(0).max(MOST_STOCK).optional().describe('Pieces on hand, including held ones'),
    reason,
    note: z.string().trim().min(1).max(500).optional()
  })
  .refine(({ change, count }) => (change === undefined) !== (count === undefined), {
    message: 'Give either change or count',
    path: ['change']
  })

/** An adjustment. The adjustments of a SKU are numbered from 1 without gaps. */
export const adjustment = z.object({
  sku: skuSchema,
  number: z.int().min(1),
  change: z.int().describe('Change of the pieces on hand'),
  count: pieces.optional().describe('The number that was counted, after a count'),
  reason,
  note: z.string().optional(),
  by: z.string().describe('ID of the member of staff or of the import'),
  at: z.iso.datetime()
})

export type Stock = z.infer<typeof stockWithHolds>
export type NewAdjustment = z.infer<typeof newAdjustment>
export type AdjustmentReason = z.infer<typeof reason>
