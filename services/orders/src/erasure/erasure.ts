import { type Clock, conflict } from '@bulkhead/chassis/core'
import type { EventHandler } from '@bulkhead/chassis/events'
import { type Change, type Erasures, erasures } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Identity } from '../clients/identity.ts'
import { withoutSpentMethod } from '../lifecycle/changes.ts'
import { nextStep } from '../lifecycle/machine.ts'
import type { Orders, StoredOrder } from '../orders/store.ts'

type Deps = {
  db: Db
  orders: Pick<Orders, 'withPersonalData' | 'change'>
  identity: Pick<Identity, 'reportErasure'>
  clock: Clock
}

type OrderErasures = {
  /** Handles the event about an erased customer. */
  handle: EventHandler
  /** Erases orders that a customer placed after the erasure, with a token that was still valid. */
  sweep: Erasures['sweep']
}

/** Keeps only the data that the accounts need: the sold lines and the country of delivery. */
const anonymise = (order: StoredOrder): Change<StoredOrder> => ({
  state: {
    ...withoutSpentMethod(order),
    email: undefined,
    deliveryAddress: { country: order.deliveryAddress.country }
  },
  events: []
})

/** Erases the personal data of one order. Throws a 409 while the order has a next step. */
export function erasePersonalDataOf(order: StoredOrder): Change<StoredOrder> {
  if (nextStep(order) === undefined) return anonymise(order)
  const detail = `It is ${order.state}. Cancel it, or try again once it is captured or has ended`
  throw conflict('order-under-way', 'The order is still under way', detail)
}

/** Anonymises the orders of erased customers. */
export function orderErasures({ db, orders, identity, clock }: Deps): OrderErasures {
  async function erase(customers: string[]) {
    for await (const order of orders.withPersonalData(customers)) {
      await orders.change(order, undefined, anonymise, order)
    }
  }
  const erased = erasures({ db, clock, erase })

  // An event whose report fails is delivered again. Erasing twice changes nothing.
  const handle: EventHandler = async ({ subject }, context) => {
    await erased.erase(subject)
    await identity.reportErasure({ params: { id: subject }, body: { outcome: 'anonymised' } }, context)
  }
  return { handle, sweep: erased.sweep }
}
