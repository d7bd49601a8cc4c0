import { type Clock, customerOf, isStaff, orNotFound } from '@bulkhead/chassis/core'
import { type Call, operations, withETagNoStore } from '@bulkhead/chassis/http'
import type { Versioned } from '@bulkhead/chassis/mongo'
import { erasePersonalDataOf } from '../erasure/erasure.ts'
import { cancel, requestRefund } from '../lifecycle/changes.ts'
import type { Driver } from '../lifecycle/driver.ts'
import type { Watchers } from '../lifecycle/watchers.ts'
import type { PlaceOrder } from '../placing/placement.ts'
import { canOpen, SECRET_HEADER } from './access.ts'
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
import { type Orders, type StoredOrder, toOrder, toPlacedOrder } from './store.ts'

type Deps = {
  orders: Orders
  place: PlaceOrder
  driver: Pick<Driver, 'drive' | 'holdEnd'>
  watchers: Pick<Watchers, 'watch' | 'notify'>
  clock: Clock
}

export function orderRoutes({ orders, place, driver, watchers, clock }: Deps) {
  /** Returns the orders that the sender of a request may open. For any other order the answer is a 404. */
  function ordersOpenTo({ context: { caller }, header }: Pick<Call<unknown, unknown, unknown>, 'context' | 'header'>) {
    const attempt = { caller, secret: header(SECRET_HEADER), now: clock.now() }
    return orders.owned(order => canOpen(order, attempt))
  }

  /** Answers with an order that a request changed, and starts its next step. */
  function proceed(order: Versioned<StoredOrder>) {
    watchers.notify(order)
    if (order.nextAt) driver.drive(order)
    return withETagNoStore(200, toOrder(order))
  }

  return operations()
    .handle(placeOrder, async ({ body, requestKey, network, context }) => {
      const order = await place({
        newOrder: body,
        madeBy: requestKey!.withInput(body),
        network,
        context
      })
      return withETagNoStore(201, toPlacedOrder(order))
    })
    .handle(getOrder, async call =>
      withETagNoStore(200, toOrder(orNotFound(await ordersOpenTo(call).byId(call.params.id))))
    )
    .handle(listOrders, async ({ query: { state, limit, cursor }, context: { caller } }) => {
      const customer = isStaff(caller) ? undefined : customerOf(caller)
      const { items, ...rest } = await orders.page({ customer, state, limit, cursor })
      return {
        status: 200,
        body: { items: items.map(toOrder), ...rest },
        headers: { 'Cache-Control': 'no-store' }
      }
    })
    .handle(watchOrder, async call => ({
      status: 200,
      events: watchers.watch(orNotFound(await ordersOpenTo(call).byId(call.params.id)))
    }))
    .handle(cancelOrder, async call => {
      const rule = (order: StoredOrder) => cancel(order, clock.now(), driver.holdEnd())
      return proceed(await ordersOpenTo(call).change(call.params.id, undefined, rule, call.context))
    })
    .handle(erasePersonalData, async call =>
      proceed(await ordersOpenTo(call).change(call.params.id, undefined, erasePersonalDataOf, call.context))
    )
    .handle(refundOrder, async ({ params, body, ifMatch, context }) => {
      const rule = (order: StoredOrder) => requestRefund(order, body, clock.now(), driver.holdEnd())
      return proceed(await orders.change(params.id, ifMatch, rule, context))
    })
    .handle(getCharge, async ({ params }) => {
      const { total: amount } = orNotFound(await orders.byId(params.id))
      return { status: 200, body: { amount } }
    }).router
}
