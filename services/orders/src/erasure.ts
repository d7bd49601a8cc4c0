import type { Aggregates, Change } from '@bulkhead/chassis/aggregates'
import type { Clock } from '@bulkhead/chassis/clock'
import type { Trace } from '@bulkhead/chassis/events'
import type { Db } from 'mongodb'
import type { StoredOrder } from './order.ts'

type Deps = { db: Db; orders: Pick<Aggregates<StoredOrder>, 'collection' | 'change'>; clock: Clock }

export type Erasures = ReturnType<typeof erasures>

/** What stays of an order when its customer is erased: what was sold, and to which country, for the books. */
export function anonymised({ email, deliveryAddress, ...order }: StoredOrder): Change<StoredOrder> {
  return { state: { ...order, deliveryAddress: { country: deliveryAddress.country } }, events: [] }
}

/** Customers who were erased, and their orders. */
export function erasures({ db, orders, clock }: Deps) {
  const erased = db.collection<{ _id: string; at: Date }>('erasures')

  return {
    /**
     * Anonymises all orders of a customer. Done again, it changes nothing. It is written down first: the last token of who was erased is
     * good for some minutes more, and who stores an order looks here afterwards.
     */
    async erase(customer: string, trace: Trace) {
      await erased.updateOne({ _id: customer }, { $setOnInsert: { at: clock.now() } }, { upsert: true })
      const found = orders.collection.find({ customer }).project<{ _id: string }>({ _id: 1 })
      for await (const { _id } of found) await orders.change(_id, undefined, anonymised, trace)
    },

    async isErased(customer: string | undefined) {
      return customer !== undefined && (await erased.countDocuments({ _id: customer }, { limit: 1 })) > 0
    }
  }
}
