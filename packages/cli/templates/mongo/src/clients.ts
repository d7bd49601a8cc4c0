import { type Client, callOptional } from '@bulkhead/chassis/client'
import { defineNeed, needs } from '@bulkhead/chassis/contract'
import { type Clock, type Context, invalidInput } from '@bulkhead/chassis/core'
import * as z from 'zod'

export const catalogNeeds = needs('catalog', {
  listOffers: defineNeed({
    operation: 'listOffers',
    method: 'post',
    path: '/offers',
    isSafe: true,
    body: z.object({ currency: z.string(), lines: z.array(z.object({ productId: z.string(), sku: z.string() })) }),
    reads: z.object({ items: z.array(z.object({ productId: z.string() })) })
  })
})

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

export type Catalog = Client<typeof catalogNeeds.operations>

/** Throws a 400 if the shop has no such product. Accepts any product if catalog does not answer within a second. */
export async function checkProduct(id: string | undefined, catalog: Catalog, clock: Clock, context: Context) {
  if (id === undefined) return
  // Without a SKU, catalog answers for each published product, even if it has no price in EUR.
  const body = { currency: 'EUR', lines: [{ productId: id, sku: '' }] }
  const options = { timeout: 1_000, context, clock, warning: 'Accepted a product without a check' }
  const answer = await callOptional(asking => catalog.listOffers({ body }, asking), options)
  if (answer?.items.length === 0) throw invalidInput([{ pointer: '/body/productId', detail: 'No product of the shop' }])
}
