import { idSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { LONGEST_KEY, MOST_LINES, MOST_PIECES } from '../limits.ts'
import { sku } from '../sku.ts'

export const orderId = idSchema('ord')

const line = z.object({ sku, quantity: z.int().min(1).max(MOST_PIECES) })

const key = z.string().min(1).max(LONGEST_KEY)

export const newReservation = z.object({
  lines: z
    .array(line)
    .min(1)
    .max(MOST_LINES)
    .refine(lines => new Set(lines.map(({ sku }) => sku)).size === lines.length, 'Each SKU once'),
  buyer: key.optional().describe('Names the buyer, who has one unpaid hold of a SKU: that of the latest order'),
  network: key.optional().describe("Names the buyer's network, whose unpaid holds of a SKU are limited")
})

/**
 * `held`: for this order only. `rejected`: nothing is held, as not all of it could be. `released`: given back, expired, or replaced by a
 * newer order. `committed`: it left.
 */
export const reservationState = z.enum(['held', 'rejected', 'released', 'committed'])

export const reservation = z.object({
  orderId,
  state: reservationState,
  lines: z.array(line).describe('None where it was released before it was asked for'),
  short: z.array(sku).optional().describe('Where it is rejected: SKUs with too few pieces'),
  limited: z.array(sku).optional().describe('Where it is rejected: SKUs of which the network holds too much unpaid'),
  replaced: z
    .array(sku)
    .optional()
    .describe('Where it is released: the SKU that a newer order of the same buyer holds'),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().describe('When it is released where it is still held')
})

export type Line = z.infer<typeof line>
export type ReservationState = z.infer<typeof reservationState>
