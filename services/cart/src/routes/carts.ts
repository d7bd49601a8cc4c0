import type { Clock } from '@bulkhead/chassis/core'
import { operations, shownToOne } from '@bulkhead/chassis/http'
import { type Catalog, withPrices } from '../catalog.ts'
import { ownerOf } from '../customer.ts'
import { createCart, deleteCart, getCart, mergeCart } from '../operations.ts'
import type { Carts } from '../store.ts'

type Deps = { carts: Carts; catalog: Catalog; clock: Clock }

export function cartRoutes({ carts, catalog, clock }: Deps) {
  return operations()
    .handle(createCart, async ({ context, header }) => {
      const customer = ownerOf(context.caller)
      // The gateway writes this header: a client's own does not get here.
      if (!customer) return shownToOne(201, await carts.createForGuest(header('x-forwarded-for'), context))
      const { isNew, cart } = await carts.createForCustomer(customer, context)
      return isNew ? shownToOne(201, cart) : shownToOne(200, cart)
    })
    .handle(getCart, async ({ params, query, context }) => {
      const cart = await carts.byId(params.id, ownerOf(context.caller))
      // The ETag is that of the cart alone: prices are those of now.
      return shownToOne(200, await withPrices(cart, query.currency, catalog, clock, context))
    })
    .handle(deleteCart, async ({ params, ifMatch, context }) => {
      await carts.delete(params.id, ownerOf(context.caller), ifMatch, context)
      return { status: 204 }
    })
    .handle(mergeCart, async ({ params, body, context }) =>
      shownToOne(200, await carts.merge(params.id, ownerOf(context.caller), body.from, context))
    ).router
}
