import type { Client } from '@bulkhead/chassis/client'
import { defineNeed, needs } from '@bulkhead/chassis/contract'
import * as z from 'zod'

const params = z.object({ orderId: z.string() })

/**
 * A rejected reservation lists SKUs: `short` of stock, or `limited` by the network. A released reservation lists the SKUs that a newer
 * order `replaced`.
 */
const reservation = z.object({
  state: z.enum(['held', 'rejected', 'released', 'committed']),
  short: z.array(z.string()).optional(),
  limited: z.array(z.string()).optional(),
  replaced: z.array(z.string()).optional()
})

export type Reservation = z.infer<typeof reservation>

/** Holds, releases and commits the stock of an order. The order's ID names the reservation, so each request can be repeated. */
export const inventoryNeeds = needs('inventory', {
  reserve: defineNeed({
    operation: 'reserve',
    method: 'put',
    path: '/reservations/{orderId}',
    params,
    body: z.object({
      lines: z.array(z.object({ sku: z.string(), quantity: z.int() })),
      buyer: z.string().optional(),
      network: z.string().optional()
    }),
    reads: reservation
  }),
  release: defineNeed({
    operation: 'release',
    method: 'put',
    path: '/reservations/{orderId}/release',
    params,
    reads: reservation
  }),
  commit: defineNeed({
    operation: 'commit',
    method: 'put',
    path: '/reservations/{orderId}/commit',
    params,
    reads: reservation
  })
})

export type Inventory = Client<typeof inventoryNeeds.operations>
