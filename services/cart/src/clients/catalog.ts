import { type Client, type ClientLimits, callOptional } from '@bulkhead/chassis/client'
import { defineNeed, needs } from '@bulkhead/chassis/contract'
import { type Clock, type Context, moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

const offer = z.object({
  productId: z.string(),
  sku: z.string(),
  title: z.string(),
  variant: z.object({ options: z.record(z.string(), z.string()), price: moneySchema.optional() }).optional()
})

/** A published product and its variant with the SKU of a line, with the fields that a cart shows. */
export type Offer = z.infer<typeof offer>

/** Cart asks catalog for the offers of up to 100 lines in one currency. */
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

export type Catalog = Client<typeof catalogNeeds.operations>

/** How long a cart waits for its prices, including all attempts (ms). */
const PRICES_MS = 1_000

/** One attempt has less time than `PRICES_MS`, so a time-out counts as a failure of catalog. Catalog's largest answer has 2 MiB. */
export const catalogLimits = { timeout: 800, answerSize: 2 * 1024 * 1024 } satisfies Partial<ClientLimits>

type Query = {
  catalog: Catalog
  lines: { productId: string; sku: string }[]
  currency: string
  clock: Clock
  context: Context
}

/**
 * Asks catalog for the offers of the lines, passes them to `use`, and returns its result. Logs a warning and returns undefined if catalog
 * is unavailable, is slow or answers in a different shape, or if `use` throws.
 */
export async function withOffers<Result>(
  { catalog, lines, currency, clock, context }: Query,
  use: (offers: Offer[]) => Result
): Promise<Result | undefined> {
  if (lines.length === 0) return use([])
  const body = { currency, lines: lines.map(({ productId, sku }) => ({ productId, sku })) }
  return callOptional(async asking => use((await catalog.listOffers({ body }, asking)).items), {
    timeout: PRICES_MS,
    context,
    clock,
    warning: 'A cart is shown without prices'
  })
}
