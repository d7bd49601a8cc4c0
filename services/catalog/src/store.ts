import { type Aggregates, aggregates } from '@bulkhead/chassis/aggregates'
import type { Clock } from '@bulkhead/chassis/clock'
import type { MongoOutbox } from '@bulkhead/chassis/outbox'
import type { Db } from 'mongodb'
import type { Product } from './schemas.ts'

/** A product as it is stored: times are dates; the version is the aggregate's. */
export type StoredProduct = Omit<Product, 'version' | 'createdAt' | 'publishedAt'> & {
  createdAt: Date
  publishedAt?: Date
}

export type Products = Aggregates<StoredProduct>

/** The products, with their unique handles. */
export async function productStore(db: Db, outbox: MongoOutbox, clock: Clock): Promise<Products> {
  const products = aggregates<StoredProduct>({ db, collection: 'products', schemaVersion: 1, outbox, clock })
  await products.collection.createIndex({ handle: 1 }, { unique: true })
  return products
}
