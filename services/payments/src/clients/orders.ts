import type { Client } from '@bulkhead/chassis/client'
import { defineNeed, needs } from '@bulkhead/chassis/contract'
import { moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

/** Payments asks orders for the amount of an order, and never accepts an amount from a caller. */
export const ordersNeeds = needs('orders', {
  getCharge: defineNeed({
    operation: 'getCharge',
    method: 'get',
    path: '/orders/{id}/charge',
    params: z.object({ id: z.string() }),
    reads: z.object({ amount: moneySchema })
  })
})

export type Orders = Client<typeof ordersNeeds.operations>
