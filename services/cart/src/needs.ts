import { moneySchema } from '@bulkhead/chassis/money'
import { defineNeed, needs } from '@bulkhead/chassis/needs'
import * as z from 'zod'

const offer = z.object({
  id: z.string(),
  title: z.string(),
  variants: z.array(
    z.object({ sku: z.string(), options: z.record(z.string(), z.string()), prices: z.array(moneySchema) })
  )
})

/** A product in the shop, as far as a cart shows it. */
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

/** What cart asks of catalog: those of some products (IDs with commas between, up to 100) that are in the shop. */
export const catalogNeeds = needs('catalog', {
  listProducts: defineNeed({
    operation: 'listProducts',
    method: 'get',
    path: '/products',
    query: z.object({ ids: z.string() }),
    reads: z.object({ items: z.array(offer) })
  })
})
