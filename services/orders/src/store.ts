import { aggregates } from '@bulkhead/chassis/aggregates'
import type { Clock } from '@bulkhead/chassis/clock'
import type { MongoOutbox } from '@bulkhead/chassis/outbox'
import type { Db } from 'mongodb'
import type { StoredOrder } from './order.ts'

/** The orders, each a document, found by who made them, by customer and by when something is to be done. */
export async function orderStore(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock) {
  const orders = aggregates<StoredOrder>({ db, collection: 'orders', schemaVersion: 1, outbox, clock })
  await orders.indexKeys()
  await orders.collection.createIndex({ nextAt: 1 }, { sparse: true })
  await orders.collection.createIndex({ customer: 1, _id: -1 })
  await orders.collection.createIndex({ state: 1, _id: -1 })
  return orders
}
