import type { Clock } from '@bulkhead/chassis/core'
import { type Aggregates, aggregates, type MongoOutbox } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Category } from './categories/schemas.ts'
import type { Family } from './families/schemas.ts'
import type { StoredProduct } from './products/document.ts'

export type Products = Aggregates<StoredProduct>
export type Families = Aggregates<Family>
export type Categories = Aggregates<Category>

export type Stores = { products: Products; families: Families; categories: Categories }

/** What catalog keeps but for imports (`imports/`), with the indexes of what is unique, filtered and sorted by. */
export async function catalogStores(db: Db, outbox: MongoOutbox, clock: Clock): Promise<Stores> {
  const ground = { db, schemaVersion: 1, outbox, clock }
  const products = aggregates<StoredProduct>({ ...ground, collection: 'products' })
  const families = aggregates<Family>({ ...ground, collection: 'families' })
  const categories = aggregates<Category>({ ...ground, collection: 'categories' })
  await products.indexKeys()
  await products.collection.createIndex({ handle: 1 }, { unique: true })
  // No two products share a SKU: it is the key of stock.
  await products.collection.createIndex({ skus: 1 }, { unique: true, sparse: true })
  // The public sees one status only. Each index makes imports slower, so by title there are those of shop pages alone.
  for (const filter of ['family', 'categories', 'tags'])
    await products.collection.createIndex({ [filter]: 1, status: 1, _id: 1 })
  await products.collection.createIndex({ categories: 1, status: 1, titleKey: 1, _id: 1 })
  await products.collection.createIndex({ status: 1, _id: 1 })
  await products.collection.createIndex({ status: 1, titleKey: 1, _id: 1 })
  await products.collection.createIndex({ titleKey: 1, _id: 1 })
  await families.collection.createIndex({ name: 1 }, { unique: true })
  await categories.collection.createIndex({ parent: 1, name: 1 }, { unique: true })
  await categories.collection.createIndex({ parent: 1, name: 1, _id: 1 })
  await categories.collection.createIndex({ name: 1, _id: 1 })
  return { products, families, categories }
}
