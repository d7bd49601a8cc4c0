import { type Client, client } from '@bulkhead/chassis/client'
import type { ClientLimits } from '@bulkhead/chassis/client-policy'
import type { Clock } from '@bulkhead/chassis/clock'
import type { Context } from '@bulkhead/chassis/context'
import { orWithout } from '@bulkhead/chassis/or-without'
import { catalogNeeds } from './needs.ts'
import { priced, unpriced } from './pricing.ts'
import type { Cart, PricedCart } from './schemas.ts'

export type Catalog = Client<typeof catalogNeeds.operations>

/** Milliseconds in which a cart has its prices, or goes without; one attempt has less, so that its time-out is catalog's own. */
const PRICES_MS = 1_000
const ATTEMPT_MS = 800
/** Bytes of a hundred products, which come with descriptions that nobody reads here. */
const ANSWER_SIZE = 8 * 1024 * 1024

type Options = Omit<Parameters<typeof client>[1], 'limits'>

/** The client of catalog, within limits that fit a cart. */
export const connectCatalog = (options: Options): Catalog =>
  client(catalogNeeds, {
    ...options,
    limits: { timeout: ATTEMPT_MS, answerSize: ANSWER_SIZE } satisfies Partial<ClientLimits>
  })

/** The cart with the prices of now; without, and saying so, when catalog is away, slow or wrong. */
export async function withPrices(
  cart: Cart,
  currency: string,
  catalog: Pick<Catalog, 'listProducts'>,
  clock: Clock,
  context: Context
): Promise<PricedCart> {
  if (cart.lines.length === 0) return priced(cart, [], currency)
  const ids = new Set(cart.lines.map(({ productId }) => productId))
  const query = { ids: [...ids].join(',') }
  const shown = await orWithout(
    async asking => priced(cart, (await catalog.listProducts({ query }, asking)).items, currency),
    { within: PRICES_MS, context, clock, what: 'A cart is shown without prices' }
  )
  return shown ?? unpriced(cart)
}
