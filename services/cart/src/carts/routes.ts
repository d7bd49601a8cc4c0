import { etagOf } from '@bulkhead/chassis/contract'
import { type Caller, type Clock, customerOf } from '@bulkhead/chassis/core'
import { operations, withETagNoStore } from '@bulkhead/chassis/http'
import { type Catalog, withOffers } from '../clients/catalog.ts'
import { addToLine, createCart, deleteCart, getCart, mergeCart, removeLine, setLine } from './operations.ts'
import { priced, unpriced } from './pricing.ts'
import type { Line } from './schemas.ts'
import type { Carts } from './store.ts'

type Options = { carts: Carts; catalog: Catalog; clock: Clock }

/** Handlers in the order in which requests are matched: the most frequent first. */
export function cartRoutes({ carts, catalog, clock }: Options) {
  return operations()
    .handle(addToLine, async ({ params, body, requestKey, context }) =>
      changed(await carts.add(params.id, ownerOf(context.caller), body, requestKey?.withInput(body)))
    )
    .handle(setLine, async ({ params: { id, ...place }, body, ifMatch, context }) =>
      changed(await carts.set(id, ownerOf(context.caller), ifMatch, { ...place, ...body }))
    )
    .handle(removeLine, async ({ params: { id, ...place }, ifMatch, context }) => {
      const version = await carts.remove(id, ownerOf(context.caller), ifMatch, place)
      return { status: 204, headers: { ETag: etagOf(version) } }
    })
    .handle(createCart, async ({ context, network }) => {
      const customer = ownerOf(context.caller)
      if (!customer) return withETagNoStore(201, await carts.createForGuest(network, context))
      const { isNew, cart } = await carts.createForCustomer(customer, context)
      return isNew ? withETagNoStore(201, cart) : withETagNoStore(200, cart)
    })
    .handle(getCart, async ({ params, query: { currency }, context }) => {
      const cart = await carts.byId(params.id, ownerOf(context.caller))
      const query = { catalog, lines: cart.lines, currency, clock, context }
      const withPrices = await withOffers(query, offers => priced(cart, offers, currency))
      return withETagNoStore(200, withPrices ?? unpriced(cart))
    })
    .handle(deleteCart, async ({ params, ifMatch, context }) => {
      await carts.delete(params.id, ownerOf(context.caller), ifMatch, context)
      return { status: 204 }
    })
    .handle(mergeCart, async ({ params, body, context }) =>
      withETagNoStore(200, await carts.merge(params.id, ownerOf(context.caller), body.from, context))
    ).router
}

/** Returns the ID of a customer, or '' for a guest. Staff and services count as guests here. */
const ownerOf = (caller: Caller) => customerOf(caller) ?? ''

const changed = ({ version, line }: { version: number; line: Line }) => ({
  status: 200 as const,
  body: line,
  headers: { ETag: etagOf(version) }
})
