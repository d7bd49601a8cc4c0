import { aggregates } from '@bulkhead/chassis/aggregates'
import type { Clock } from '@bulkhead/chassis/clock'
import type { MongoOutbox } from '@bulkhead/chassis/outbox'
import type { Db } from 'mongodb'
import type { StoredOrder } from './order.ts'

/** Orders that a replica keeps in memory: their charge is asked for soon after they were placed. */
const RECENT = 1_000

/** The orders, each a document, found by who made them, by customer and by when something is to be done. */
export async function orderStore(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock) {
  const options = { db, collection: 'orders', schemaVersion: 1, outbox, clock, recent: RECENT }
  const orders = aggregates<StoredOrder>(options)
  await orders.indexKeys()
  await orders.collection.createIndex({ nextAt: 1 }, { sparse: true })
  await orders.collection.createIndex({ customer: 1, _id: -1 })
  await orders.collection.createIndex({ state: 1, _id: -1 })
  return orders
}
