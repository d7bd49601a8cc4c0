import { type Clock, type Context, customerOf, found, isStaff, newId } from '@bulkhead/chassis/core'
import { type Call, operations, shownToOne } from '@bulkhead/chassis/http'
import { pageOf, type Versioned } from '@bulkhead/chassis/mongo'
import { type Catalog, offersFor } from '../clients/catalog.ts'
import { personalDataErased } from '../erasure/erasure.ts'
import type { Driver } from '../lifecycle/driver.ts'
import { cancelled, refundAsked, type StoredOrder } from '../lifecycle/transitions.ts'
import type { Live } from '../lifecycle/watchers.ts'
import type { Holder, HolderOf } from '../placing/holder.ts'
import { checkLines, priced } from '../placing/pricing.ts'
import { mayOpen, newSecret, SECRET_HEADER } from './access.ts'
import {
  cancelOrder,
  erasePersonalData,
  getCharge,
  getOrder,
  listOrders,
  placeOrder,
  refundOrder,
  watchOrder
} from './operations.ts'
import type { NewOrder } from './schemas.ts'
import { shownOrder, shownToPlacer } from './shown.ts'
import type { OrderStore } from './store.ts'

/** What says whether its sender may open an order. */
type Request = Pick<Call<unknown, unknown, unknown>, 'context' | 'header'>

type Deps = {
  orders: OrderStore
  catalog: Catalog
  driver: Pick<Driver, 'drive' | 'held'>
  live: Pick<Live, 'watch' | 'moved'>
  holderOf: HolderOf
  clock: Clock
  /** Milliseconds in which an order must be paid. */
  life: number
}

export function orderRoutes({ orders, catalog, driver, live, holderOf, clock, life }: Deps) {
  /** The orders that the sender of a request may open. */
  function openedBy({ context: { caller }, header }: Request) {
    const asking = { caller, secret: header(SECRET_HEADER), now: clock.now() }
    return orders.owned(order => mayOpen(order, asking))
  }

  async function newOrderOf(body: NewOrder, holder: Holder, context: Context): Promise<StoredOrder> {
    const offers = await offersFor(body, catalog, context)
    const customer = customerOf(context.caller)
    const { email, deliveryAddress, paymentMethod } = body
    const placedAt = clock.now()
    return {
      ...priced(body, offers),
      ...(customer ? { customer } : { secret: newSecret() }),
      id: newId('ord', clock),
      email,
      deliveryAddress,
      paymentMethod,
      state: 'placed',
      history: [{ state: 'placed', at: placedAt }],
      refunds: [],
      placedAt,
      settled: false,
      expiresAt: new Date(placedAt.getTime() + life),
      nextAt: driver.held(),
      since: placedAt,
      attempts: 0,
      holder,
      traceparent: context.traceparent
    }
  }

  /** Goes on with an order that its buyer or staff moved. */
  function moved(order: Versioned<StoredOrder>) {
    live.moved(order)
    if (order.nextAt) driver.drive(order)
    return shownToOne(200, shownOrder(order))
  }

  return operations()
    .handle(placeOrder, async ({ body, requestKey, header, context }) => {
      checkLines(body)
      const madeBy = requestKey!.of(body)
      // First, for what was ordered stays ordered, whatever became of the catalog, of products and prices since.
      const earlier = await orders.madeBefore(madeBy)
      if (earlier) return shownToOne(201, shownToPlacer(earlier))
      const customer = customerOf(context.caller)
      const holder = holderOf({ customer, cart: body.cart, network: header('x-forwarded-for') })
      const fresh = await newOrderOf(body, holder, context)
      const order = await orders.insert(fresh, [], context, madeBy)
      if (order.id === fresh.id) driver.drive(order)
      return shownToOne(201, shownToPlacer(order))
    })
    .handle(getOrder, async call => shownToOne(200, shownOrder(found(await openedBy(call).byId(call.params.id)))))
    .handle(listOrders, async ({ query: { state, limit, cursor }, context: { caller } }) => {
      const filter = { ...(!isStaff(caller) && { customer: customerOf(caller) }), ...(state && { state }) }
      const sort = { field: '_id', direction: -1 } as const
      const scope = { list: 'orders', ...filter }
      const { items, ...rest } = await pageOf<StoredOrder>(orders, { filter, sort, limit, cursor, scope })
      const headers = { 'Cache-Control': 'no-store' }
      return { status: 200, body: { items: items.map(shownOrder), ...rest }, headers }
    })
    .handle(watchOrder, async call => ({
      status: 200,
      events: live.watch(found(await openedBy(call).byId(call.params.id)))
    }))
    .handle(cancelOrder, async call => {
      const rule = (order: StoredOrder) => cancelled(order, clock.now(), driver.held())
      return moved(await openedBy(call).change(call.params.id, undefined, rule, call.context))
    })
    .handle(erasePersonalData, async call =>
      moved(await openedBy(call).change(call.params.id, undefined, personalDataErased, call.context))
    )
    .handle(refundOrder, async ({ params, body, ifMatch, context }) => {
      const rule = (order: StoredOrder) => refundAsked(order, body, clock.now(), driver.held())
      return moved(await orders.change(params.id, ifMatch, rule, context))
    })
    .handle(getCharge, async ({ params }) => {
      const amount = found(await orders.totalOf(params.id))
      return { status: 200, body: { amount } }
    }).router
}
