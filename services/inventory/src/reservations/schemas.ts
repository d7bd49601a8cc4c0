import { idSchema, skuSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

/** Maximum number of pieces of one SKU in a reservation. */
const MOST_PIECES = 1_000_000
const MOST_LINES = 100
/** Maximum bytes of a reservation as JSON. Each character of a SKU can take six bytes. */
export const RESERVATION_BYTES = 256 * 1024
/** Maximum number of characters in the key of a buyer or a network. */
const LONGEST_KEY = 64

export const orderId = idSchema('ord')

const line = z.object({ sku: skuSchema, quantity: z.int().min(1).max(MOST_PIECES) })

const key = z.string().min(1).max(LONGEST_KEY)

export const newReservation = z.object({
  lines: z
    .array(line)
    .min(1)
    .max(MOST_LINES)
    .refine(lines => new Set(lines.map(({ sku }) => sku)).size === lines.length, 'Name each SKU once'),
  buyer: key.optional().describe('Key of the buyer, who has one unpaid hold of a SKU: that of the latest order'),
  network: key.optional().describe("Key of the buyer's network, whose unpaid holds of a SKU are limited")
})

/**
 * The state of a reservation. `held`: the pieces are reserved for this order. `rejected`: nothing is held, because not every line could be.
 * `released`: the pieces were given back, expired, or were replaced by a newer order. `committed`: the pieces have left.
 */
export const reservationState = z.enum(['held', 'rejected', 'released', 'committed'])

export const reservation = z.object({
  orderId,
  state: reservationState,
  lines: z.array(line).describe('Empty if the release came before the reservation'),
  short: z.array(skuSchema).optional().describe('If rejected: the SKUs with too few pieces'),
  limited: z
    .array(skuSchema)
    .optional()
    .describe('If rejected: the SKUs of which the network would hold too many unpaid pieces'),
  replaced: z.array(skuSchema).optional().describe('If released: the SKU that a newer order of the same buyer holds'),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().describe('When it is released if it is still held')
})

export type Line = z.infer<typeof line>
export type ReservationState = z.infer<typeof reservationState>
export type ApiReservation = z.infer<typeof reservation>
