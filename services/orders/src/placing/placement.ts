import type { MadeBy } from '@bulkhead/chassis/contract'
import { type Clock, type Context, customerOf, newId, newSecret } from '@bulkhead/chassis/core'
import type { Versioned } from '@bulkhead/chassis/mongo'
import { type Catalog, offersFor } from '../clients/catalog.ts'
import type { Driver } from '../lifecycle/driver.ts'
import type { NewOrder } from '../orders/schemas.ts'
import type { Orders, StoredOrder } from '../orders/store.ts'
import type { HolderOf } from './holder.ts'
import { checkLines, priceOrder } from './pricing.ts'

type Deps = {
  orders: Pick<Orders, 'madeBefore' | 'insert'>
  catalog: Catalog
  driver: Pick<Driver, 'drive' | 'holdEnd'>
  holderOf: HolderOf
  clock: Clock
  /** Milliseconds in which an order must be paid. */
  paymentTime: number
}

type Placing = {
  newOrder: NewOrder
  /** The request, by its idempotency key. */
  madeBy: MadeBy
  /** The network of the client, as the gateway names it. */
  network: string | undefined
  context: Context
}

/** Places an order and starts its first step, or returns the order that the same request placed before. */
export type PlaceOrder = (placing: Placing) => Promise<Versioned<StoredOrder>>

/** Throws a 400 or 422 for an order that can't be placed as asked, a 409 if its total has changed, and a 503 while catalog is away. */
export function placement({ orders, catalog, driver, holderOf, clock, paymentTime }: Deps): PlaceOrder {
  return async ({ newOrder, madeBy, network, context }) => {
    checkLines(newOrder)
    // A repeated request gets its order even if prices have changed since or catalog is away.
    const earlier = await orders.madeBefore(madeBy)
    if (earlier) return earlier
    const offers = await offersFor(newOrder, catalog, context)
    const { email, deliveryAddress, paymentMethod, cart } = newOrder
    const customer = customerOf(context.caller)
    const placedAt = clock.now()
    const order: StoredOrder = {
      ...priceOrder(newOrder, offers),
      id: newId('ord', clock),
      customer,
      secret: customer === undefined ? newSecret() : undefined,
      email,
      deliveryAddress,
      paymentMethod,
      state: 'placed',
      history: [{ state: 'placed', at: placedAt }],
      refunds: [],
      placedAt,
      settled: false,
      expiresAt: new Date(placedAt.getTime() + paymentTime),
      nextAt: driver.holdEnd(),
      since: placedAt,
      attempts: 0,
      holder: holderOf({ customer, cart, network }),
      traceparent: context.traceparent
    }
    const stored = await orders.insert(order, [], context, madeBy)
    // Another ID means that the same request, sent twice at once, was stored first elsewhere. That replica drives it.
    if (stored.id === order.id) driver.drive(stored)
    return stored
  }
}
