import type { Aggregates, Change } from '@bulkhead/chassis/aggregates'
import type { Clock } from '@bulkhead/chassis/clock'
import { erasures } from '@bulkhead/chassis/erasures'
import type { Db } from 'mongodb'
import { type StoredOrder, withoutSpentMethod } from './order.ts'

type Deps = { db: Db; orders: Pick<Aggregates<StoredOrder>, 'find' | 'change'>; clock: Clock }

/** What stays of an order when its customer is erased: what was sold, and to which country, for the books. */
function anonymised(stored: StoredOrder): Change<StoredOrder> {
  const { email, deliveryAddress, ...order } = withoutSpentMethod(stored)
  return { state: { ...order, deliveryAddress: { country: deliveryAddress.country } }, events: [] }
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
