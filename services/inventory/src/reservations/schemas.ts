import { idSchema } from '@bulkhead/chassis/ids'
import * as z from 'zod'
import { MOST_LINES, MOST_PIECES } from '../limits.ts'
import { sku } from '../sku.ts'

export const orderId = idSchema('ord')

const line = z.object({ sku, quantity: z.int().min(1).max(MOST_PIECES) })

export const newReservation = z.object({
  lines: z
    .array(line)
    .min(1)
    .max(MOST_LINES)
    .refine(lines => new Set(lines.map(({ sku }) => sku)).size === lines.length, 'Each SKU once')
})

/**
 * `held`: for this order only. `rejected`: not all of it was there, and none of it is held. `released`: given back, or expired.
 * `committed`: it left.
 */
export const reservationState = z.enum(['held', 'rejected', 'released', 'committed'])

export const reservation = z.object({
  orderId,
  state: reservationState,
  lines: z.array(line).describe('None where it was released before it was asked for'),
  short: z.array(sku).optional().describe('Of what there was not enough, where it is rejected'),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().describe('When it is released where it is still held')
})

export type Line = z.infer<typeof line>
export type ReservationState = z.infer<typeof reservationState>
