import { type Client, type ClientLimits, orWithout } from '@bulkhead/chassis/client'
import type { Clock, Context } from '@bulkhead/chassis/core'
import type { catalogNeeds } from './needs.ts'
import { priced, unpriced } from './pricing.ts'
import type { Cart, PricedCart } from './schemas.ts'

export type Catalog = Client<typeof catalogNeeds.operations>

/** Milliseconds in which a cart has its prices, or goes without; one attempt has less, so that its time-out is catalog's own. */
const PRICES_MS = 1_000
const ATTEMPT_MS = 800
/** Bytes of a hundred offers at most: catalog promises that they fit. */
const ANSWER_SIZE = 2 * 1024 * 1024

/** Limits of the calls to catalog that fit a cart. */
export const catalogLimits = { timeout: ATTEMPT_MS, answerSize: ANSWER_SIZE } satisfies Partial<ClientLimits>

/** The cart with today's prices. Without prices, and saying so, if catalog is away, slow or wrong. */
export async function withPrices(
  cart: Cart,
  currency: string,
  catalog: Pick<Catalog, 'listOffers'>,
  clock: Clock,
  context: Context
): Promise<PricedCart> {
  if (cart.lines.length === 0) return priced(cart, [], currency)
  const body = { currency, lines: cart.lines.map(({ productId, sku }) => ({ productId, sku })) }
  const pricedCart = await orWithout(
    async asking => priced(cart, (await catalog.listOffers({ body }, asking)).items, currency),
    { within: PRICES_MS, context, clock, what: 'A cart is shown without prices' }
  )
  return pricedCart ?? unpriced(cart)
}
