import type { Aggregates, Change } from '@bulkhead/chassis/aggregates'
import type { Clock } from '@bulkhead/chassis/clock'
import type { Db } from 'mongodb'
import { type StoredOrder, withoutSpentMethod } from './order.ts'

type Deps = { db: Db; orders: Pick<Aggregates<StoredOrder>, 'find' | 'change'>; clock: Clock }

export type Erasures = ReturnType<typeof erasures>

/**
 * Milliseconds for which the orders of who was erased are looked for: far longer than the last token (15 minutes) and a request that
 * came with it live. No order of theirs can come after that.
 */
const KEPT = 3_600_000
/** Customers whose orders are looked for at once, those first who were erased first. */
const BATCH = 1_000

/** What stays of an order when its customer is erased: what was sold, and to which country, for the books. */
function anonymised(stored: StoredOrder): Change<StoredOrder> {
  const { email, deliveryAddress, ...order } = withoutSpentMethod(stored)
  return { state: { ...order, deliveryAddress: { country: deliveryAddress.country } }, events: [] }
}

/** Customers who were erased, and their orders. */
export function erasures({ db, orders, clock }: Deps) {
  const erased = db.collection<{ _id: string; at: Date }>('erasures')

  async function anonymise(customers: string[]) {
    const told = [{ email: { $exists: true } }, { paymentMethod: { $exists: true } }]
    const found = orders.find({ customer: { $in: customers }, $or: told })
    for await (const order of found) await orders.change(order, undefined, anonymised, order)
  }

  return {
    /**
     * Anonymises all orders of a customer. Done again, it changes nothing. It is written down first, for `sweep` to anonymise what the last
     * token of who was erased may yet order: so who stores an order need not look whether its customer is there.
     */
    async erase(customer: string) {
      await erased.updateOne({ _id: customer }, { $setOnInsert: { at: clock.now() } }, { upsert: true })
      await anonymise([customer])
    },

    /** Anonymises what was ordered since by customers who were erased, and forgets the erasures after which nothing can come any more. */
    async sweep() {
      const over = new Date(clock.now().getTime() - KEPT) // of now: what was over before the orders were looked for
      const found = await erased.find().sort({ at: 1 }).limit(BATCH).toArray()
      if (found.length === 0) return
      const customers = found.map(({ _id }) => _id)
      await anonymise(customers)
      await erased.deleteMany({ _id: { $in: customers }, at: { $lte: over } })
    }
  }
}
