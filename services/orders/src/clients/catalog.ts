import type { CallContext, Client } from '@bulkhead/chassis/client'
import { defineNeed, needs } from '@bulkhead/chassis/contract'
import { moneySchema, Problem, unavailable } from '@bulkhead/chassis/core'
import * as z from 'zod'
import type { NewOrder } from '../orders/schemas.ts'

const offer = z.object({
  productId: z.string(),
  sku: z.string(),
  title: z.string(),
  variant: z.object({ price: moneySchema.optional(), taxable: z.boolean(), requiresShipping: z.boolean() }).optional()
})

/** A published product, with its variant that has the SKU of a line, if any. `price` is missing if the variant has none in the currency. */
export type Offer = z.infer<typeof offer>

/** Orders asks catalog for the offers of up to 100 lines in one currency. */
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

/** Catalog's largest answer has 2 MiB. */
export const catalogLimits = { answerSize: 2 * 1024 * 1024 }

export type Catalog = Client<typeof catalogNeeds.operations>

/**
 * Asks catalog for the offers of an order's lines. Throws a 422 if their products have too many variants for one request. Throws a 503 if
 * catalog is unavailable or runs an older release without this operation.
 */
export async function offersFor(
  { lines, currency }: NewOrder,
  catalog: Catalog,
  context: CallContext
): Promise<Offer[]> {
  const body = { currency, lines: lines.map(({ productId, sku }) => ({ productId, sku })) }
  try {
    return (await catalog.listOffers({ body }, context)).items
  } catch (error) {
    const { status } = error as { status?: number }
    if (status === 422) throw tooManyVariants()
    throw status === 404 ? unavailable('catalog', 1, error) : error
  }
}

const tooManyVariants = () =>
  new Problem(422, 'order-too-large', 'The order is too large', {
    errors: [{ pointer: '/body/lines', detail: 'The products have too many variants. Split the order.' }]
  })
