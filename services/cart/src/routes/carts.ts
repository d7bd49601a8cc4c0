import type { Clock } from '@bulkhead/chassis/clock'
import { etagOf } from '@bulkhead/chassis/etag'
import { type Answer, operations } from '@bulkhead/chassis/routes'
import { type Catalog, withPrices } from '../catalog.ts'
import { customerOf } from '../customer.ts'
import { createCart, deleteCart, getCart, mergeCart } from '../operations.ts'
import type { Cart } from '../schemas.ts'
import type { Carts } from '../store.ts'

type Deps = { carts: Carts; catalog: Catalog; clock: Clock }

export function cartRoutes({ carts, catalog, clock }: Deps) {
  return operations()
    .handle(createCart, async ({ context }) => {
      const { isNew, cart } = await carts.create(customerOf(context.caller), context)
      return shown(isNew ? 201 : 200, cart)
    })
    .handle(getCart, async ({ params, query, context }) => {
      const cart = await carts.byId(params.id, customerOf(context.caller))
      return shown(200, await withPrices(cart, query.currency, catalog, clock, context))
    })
    .handle(deleteCart, async ({ params, ifMatch, context }) => {
      await carts.delete(params.id, customerOf(context.caller), ifMatch, context)
      return { status: 204 }
    })
    .handle(mergeCart, async ({ params, body, context }) =>
      shown(200, await carts.merge(params.id, customerOf(context.caller), body.from, context))
    ).router
}

/** Not for caches: the answer is one person's, and its prices are those of now. The ETag is that of the cart alone. */
const shown = (status: number, cart: Cart): Answer => ({
  status,
  body: cart,
  headers: { ETag: etagOf(cart.version), 'Cache-Control': 'no-store' }
})
