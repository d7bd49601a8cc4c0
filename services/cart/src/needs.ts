import { defineNeed, needs } from '@bulkhead/chassis/contract'
import { moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

const offer = z.object({
  productId: z.string(),
  sku: z.string(),
  title: z.string(),
  variant: z.object({ options: z.record(z.string(), z.string()), price: moneySchema.optional() }).optional()
})

/** A line's product in the shop and its variant, as far as a cart shows them. */
export type Offer = z.infer<typeof offer>

/** What cart tells identity: that it holds nothing more of a customer who was erased. */
export const identityNeeds = needs('identity', {
  reportErasure: defineNeed({
    operation: 'reportErasure',
    method: 'put',
    path: '/erasures/{id}/reports',
    params: z.object({ id: z.string() }),
    body: z.object({ outcome: z.literal('deleted') }),
    reads: z.unknown()
  })
})

/** Cart asks catalog for the offers of its lines, up to 100, in one currency. */
export const catalogNeeds = needs('catalog', {
  listOffers: defineNeed({
    operation: 'listOffers',
    method: 'post',
    path: '/offers',
    isSafe: true,
    body: z.object({
      currency: z.string(),
      lines: z.array(z.object({ productId: z.string(), sku: z.string() }))
    }),
    reads: z.object({ items: z.array(offer) })
  })
})
