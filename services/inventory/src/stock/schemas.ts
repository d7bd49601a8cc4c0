import { idSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { MOST_STOCK } from '../limits.ts'
import { sku } from '../sku.ts'

const pieces = z.int().min(0)

/** The stock of a SKU. `onHand` is `available` and `held` together; only staff sees those two. */
export const stock = z.object({
  sku,
  available: pieces.describe('May be reserved now'),
  onHand: pieces.optional().describe('In the warehouse; for staff'),
  held: pieces.optional().describe('Of that, reserved for orders that are not through; for staff')
})

/** The same with each hold, for staff. */
export const stockWithHolds = stock.extend({
  holds: z.array(z.object({ orderId: idSchema('ord'), quantity: z.int().min(1), at: z.iso.datetime() })).optional()
})

const reason = z.enum(['received', 'damaged', 'returned', 'counted', 'correction'])

/** A change of stock by hand: by how much, or to what was counted. */
export const newAdjustment = z
  .object({
    change: z.int().min(-MOST_STOCK).max(MOST_STOCK).optional().describe('Pieces that came or, below zero, went'),
    count: z.int().min(0).max(MOST_STOCK).optional().describe('Pieces on hand, held ones too'),
    reason,
    note: z.string().trim().min(1).max(500).optional()
  })
  .refine(({ change, count }) => (change === undefined) !== (count === undefined), {
    message: 'Give either change or count',
    path: ['change']
  })

/** An adjustment that was made. Those of a SKU are numbered from 1 without gaps. */
export const adjustment = z.object({
  sku,
  number: z.int().min(1),
  change: z.int().describe('Of the pieces on hand'),
  count: pieces.optional().describe('What was counted, where it was counted'),
  reason,
  note: z.string().optional(),
  by: z.string().describe('The member of staff, or the import'),
  at: z.iso.datetime()
})

export type Stock = z.infer<typeof stockWithHolds>
export type NewAdjustment = z.infer<typeof newAdjustment>
export type Reason = z.infer<typeof reason>
