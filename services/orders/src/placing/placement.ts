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
  /** How long an order can be paid after it is placed (ms). */
  paymentTime: number
}

type Placing = {
  newOrder: NewOrder
  /** The idempotency key of the request. */
  madeBy: MadeBy
  /** The network of the client, as the gateway reports it. */
  network: string | undefined
  context: Context
}

/** Places an order and starts its first step. Returns the existing order if the same request has already placed one. */
export type PlaceOrder = (placing: Placing) => Promise<Versioned<StoredOrder>>

/**
 * Returns the function that places orders. It throws a 400 or 422 for an invalid order, a 409 if the total has changed, and a 503 while
 * catalog is unavailable.
 */
export function placement({ orders, catalog, driver, holderOf, clock, paymentTime }: Deps): PlaceOrder {
  return async ({ newOrder, madeBy, network, context }) => {
    checkLines(newOrder)
    // A repeated request gets its order even if prices have changed since then or catalog is unavailable.
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
    // A different ID means that the same request was sent twice at once and another replica stored it first. That replica drives the order.
    if (stored.id === order.id) driver.drive(stored)
    return stored
  }
}
