import { type Aggregates, aggregates } from '@bulkhead/chassis/aggregates'
import type { Clock } from '@bulkhead/chassis/clock'
import type { MongoOutbox } from '@bulkhead/chassis/outbox'
import type { Db } from 'mongodb'
import type { StoredProduct } from './product-document.ts'

export type Products = Aggregates<StoredProduct>

/** The products, with their unique handles and SKUs: stock is kept by SKU. */
export async function productStore(db: Db, outbox: MongoOutbox, clock: Clock): Promise<Products> {
  const products = aggregates<StoredProduct>({ db, collection: 'products', schemaVersion: 1, outbox, clock })
  await products.collection.createIndex({ handle: 1 }, { unique: true })
  await products.collection.createIndex({ skus: 1 }, { unique: true, sparse: true })
  return products
}
