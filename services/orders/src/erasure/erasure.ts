import { type Clock, conflict } from '@bulkhead/chassis/core'
import { type Aggregates, type Change, erasures } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { stepOf } from '../lifecycle/machine.ts'
import { type StoredOrder, withoutSpentMethod } from '../lifecycle/transitions.ts'

type Deps = { db: Db; orders: Pick<Aggregates<StoredOrder>, 'find' | 'change'>; clock: Clock }

/** Leaves of an order what the books need: what was sold, and to which country. */
function anonymised(stored: StoredOrder): Change<StoredOrder> {
  const { email, deliveryAddress, ...order } = withoutSpentMethod(stored)
  return { state: { ...order, deliveryAddress: { country: deliveryAddress.country } }, events: [] }
}

/** Erases the personal data of one order. Throws a 409 while a step of it is still to be done. */
export function personalDataErased(order: StoredOrder): Change<StoredOrder> {
  if (stepOf(order) === undefined) return anonymised(order)
  const detail = `It is ${order.state}. Cancel it, or try again once it is captured or has ended`
  throw conflict('order-under-way', 'The order is still under way', detail)
}

/** Customers who were erased: their orders become anonymous, also those that their last token yet made. */
export function orderErasures({ db, orders, clock }: Deps) {
  async function erase(customers: string[]) {
    const told = [{ email: { $exists: true } }, { paymentMethod: { $exists: true } }]
    const found = orders.find({ customer: { $in: customers }, $or: told })
    for await (const order of found) await orders.change(order, undefined, anonymised, order)
  }
  return erasures({ db, clock, erase })
}
