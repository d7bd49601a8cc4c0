// #if customer
import { newTrace, type Trace } from '@bulkhead/chassis/contract'
import type { Clock } from '@bulkhead/chassis/core'
import { type Aggregates, aggregates, edited, type MongoOutbox } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { type Widget, widgetChanged, widgetRemoved } from './api.ts'
// #else
// import type { Clock } from '@bulkhead/chassis/core'
// import { type Aggregates, aggregates, type MongoOutbox } from '@bulkhead/chassis/mongo'
// import type { Db } from 'mongodb'
// import type { Widget } from './api.ts'
// #end

/** A widget in the database. The aggregate adds the version. */
export type StoredWidget = Omit<Widget, 'version'>
export type Widgets = Aggregates<StoredWidget>

/** The collection of widgets. Each is a document, which also holds its events until they are published. */
export async function widgetStore(db: Db, outbox: MongoOutbox, clock: Clock): Promise<Widgets> {
  const options = { db, collection: 'widgets', schemaVersion: 1, outbox, clock }
  const widgets = aggregates<StoredWidget>(options)
  await widgets.indexKeys()
  // #if customer
  await widgets.collection.createIndex({ owner: 1, _id: 1 })
  await widgets.collection.createIndex({ productId: 1 }, { sparse: true })
  // #end
  return widgets
}
// #if customer

/** Removes an archived product from all widgets that name it. */
export async function removeProduct(widgets: Widgets, productId: string, trace: Trace) {
  const without = (one: StoredWidget) => (one.productId === productId ? { ...one, productId: undefined } : one)
  const rule = (before: StoredWidget) => edited(before, without(before), widgetChanged)
  for await (const { id } of widgets.find({ productId })) await widgets.change(id, undefined, rule, trace)
}

/** Removes all widgets of these customers. */
export async function eraseWidgets(widgets: Widgets, customers: string[]) {
  const trace = newTrace()
  const owned = widgets.find({ owner: { $in: customers } })
  for await (const { id } of owned) await widgets.remove(id, undefined, [widgetRemoved], trace)
}
// #end
