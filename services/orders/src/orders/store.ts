import { type Clock, type Money, recent } from '@bulkhead/chassis/core'
import { aggregates, type MongoOutbox } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { StoredOrder } from '../lifecycle/transitions.ts'

export type OrderStore = Awaited<ReturnType<typeof orderStore>>

/** The orders, each a document, found by who made them, by customer and by when something is to be done. */
export async function orderStore(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock) {
  const totals = recent<Money>()
  const orders = aggregates<StoredOrder>({
    ...{ db, collection: 'orders', schemaVersion: 1, outbox, clock },
    written: ({ id, total }) => void totals.set(id, total)
  })
  await orders.indexKeys()
  await orders.collection.createIndex({ nextAt: 1 }, { sparse: true })
  await orders.collection.createIndex({ customer: 1, _id: -1 })
  await orders.collection.createIndex({ state: 1, _id: -1 })
  /** What an order costs, which never changes; undefined where there is no such order. It is asked for soon after the order was placed. */
  const totalOf = async (id: string) => totals.get(id) ?? (await orders.byId(id))?.total
  return { ...orders, totalOf }
}
