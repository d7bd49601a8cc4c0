import type { Page } from '@bulkhead/chassis/contract'
import type { Clock } from '@bulkhead/chassis/core'
import { fieldPicker } from '@bulkhead/chassis/http'
import { type Aggregates, aggregates, findPage, type MongoOutbox, type Versioned } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { State } from '../lifecycle/machine.ts'
import type { StoredRefund } from '../lifecycle/refunds.ts'
import type { Holder } from '../placing/holder.ts'
import { type Order, order, type PlacedOrder } from './schemas.ts'

/** An order as it is stored: one document, with times as dates and the fields that only the service needs. */
export type StoredOrder = Omit<Order, 'version' | 'history' | 'refunds' | 'placedAt'> & {
  history: { state: State; at: Date; reason?: string | undefined }[]
  refunds: StoredRefund[]
  placedAt: Date
  /** The secret that opens an order without a customer. Missing if a release without secrets placed the order. */
  secret?: string
  /** The payment method. Removed as soon as no step needs it: when the order is authorised or being undone. */
  paymentMethod?: string
  /** The keys by which inventory limits holds. They are removed together with `paymentMethod`. */
  holder?: Holder
  /** True once the stock of the paid order has left inventory. */
  settled: boolean
  /** The time at which the order expires if it is not paid. */
  expiresAt: Date
  /** The time from which any replica may take the order for its next step. Missing if there is no next step. */
  nextAt?: Date
  /** The time at which the order reached its state. Missing if an older release changed the state last. */
  since?: Date
  /** The number of failed attempts of the current step. */
  attempts: number
  /** The trace of the request that placed the order. */
  traceparent: string
}

type OrderPage = {
  /** The customer whose orders are listed. Undefined for the orders of all customers. */
  customer: string | undefined
  state: State | undefined
  limit: number
  cursor: string | undefined
}

type OrderQueries = {
  /** Returns a page of orders, the latest first. Throws a 400 for a bad cursor. */
  page(list: OrderPage): Promise<Page<Versioned<StoredOrder>>>
  /** Returns orders whose `nextAt` has passed, starting with the longest wait. */
  due(limit: number): Promise<Versioned<StoredOrder>[]>
  /** Returns orders whose `nextAt` is later than `time`, the earliest first. */
  dueAfter(time: Date, limit: number): Promise<Versioned<StoredOrder>[]>
  /** Sets `nextAt`, and `attempts` if given. Returns false if another replica has set `nextAt` since the order was read. */
  reschedule(order: Pick<StoredOrder, 'id' | 'nextAt'>, nextAt: Date, attempts?: number): Promise<boolean>
  /** Returns the versions of orders, by their IDs. */
  versionsOf(ids: string[]): Promise<Map<string, number>>
  /** Counts orders that have waited for a replica since before `limit`, or have been in a state with a next step since before `limit`. */
  countOverdue(limit: Date): Promise<number>
  /** Returns orders of these customers that still have an e-mail address or a payment method. */
  withPersonalData(customers: string[]): AsyncIterable<Versioned<StoredOrder>>
}

export type Orders = Aggregates<StoredOrder> & OrderQueries

/** Opens the collection `orders`, with an index for each query. */
export async function orderStore(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock): Promise<Orders> {
  const orders = aggregates<StoredOrder>({ db, collection: 'orders', schemaVersion: 1, outbox, clock })
  const { collection, find } = orders
  await orders.indexKeys()
  await collection.createIndex({ nextAt: 1 }, { sparse: true })
  await collection.createIndex({ customer: 1, _id: -1 })
  await collection.createIndex({ state: 1, _id: -1 })

  return {
    ...orders,

    async page({ customer, state, limit, cursor }) {
      const filter = { customer, state }
      const sort = { field: '_id', direction: -1 } as const
      return findPage<StoredOrder>(orders, { filter, sort, limit, cursor, scope: { list: 'orders', ...filter } })
    },

    due: async limit =>
      find({ nextAt: { $lte: clock.now() } })
        .sort({ nextAt: 1 })
        .limit(limit)
        .toArray(),

    dueAfter: async (time, limit) =>
      find({ nextAt: { $gt: time } })
        .sort({ nextAt: 1 })
        .limit(limit)
        .toArray(),

    async reschedule(order, nextAt, attempts) {
      const isUnchanged = { _id: order.id, nextAt: order.nextAt! }
      const { matchedCount } = await collection.updateOne(isUnchanged, { $set: { nextAt, attempts } })
      return matchedCount === 1
    },

    async versionsOf(ids) {
      const query = collection.find({ _id: { $in: ids } })
      const documents = await query.project<{ _id: string; version: number }>({ version: 1 }).toArray()
      return new Map(documents.map(({ _id, version }) => [_id, version]))
    },

    countOverdue: async limit =>
      collection.countDocuments({
        nextAt: { $exists: true },
        // An older release moves orders without setting `since`. Such an order counts as overdue, so that nobody overlooks it.
        $or: [{ nextAt: { $lt: limit } }, { state: { $ne: 'pending' }, since: { $not: { $gte: limit } } }]
      }),

    withPersonalData: customers =>
      find({
        customer: { $in: customers },
        $or: [{ email: { $exists: true } }, { paymentMethod: { $exists: true } }]
      })
  }
}

const publicFields = fieldPicker(order)

/** Returns an order as the API shows it, without the fields that only the service needs. */
export const toOrder = (stored: Versioned<StoredOrder>): Order => ({
  ...publicFields(stored),
  history: stored.history.map(entry => ({ ...entry, at: entry.at.toISOString() })),
  refunds: stored.refunds.map(refund => ({ ...refund, at: refund.at.toISOString() })),
  placedAt: stored.placedAt.toISOString()
})

/** Returns an order with its secret, for the answer to the guest who placed it. */
export const toPlacedOrder = (stored: Versioned<StoredOrder>): PlacedOrder => ({
  ...toOrder(stored),
  secret: stored.secret
})
