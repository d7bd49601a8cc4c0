import type { Page } from '@bulkhead/chassis/contract'
import { type Clock, invalidInput } from '@bulkhead/chassis/core'
import {
  type Aggregates,
  aggregates,
  findPage,
  type MongoOutbox,
  refuseTaken,
  type Sort,
  type UniqueKeys,
  type Versioned
} from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { type StoredProduct, toProduct } from './document.ts'
import { canonicalHandle } from './formats.ts'
import { PRODUCT_BYTES } from './limits.ts'
import type { ProductQuery, ProductSort } from './schemas.ts'

/**
 * The products. `insert` and `change` throw a 409 if another product has the handle or one of the SKUs. `seesAll` is true for callers who
 * may also see drafts and archived products.
 */
export type Products = Aggregates<StoredProduct> & {
  /**
   * Returns a page of the products that match all filters. The page ends early if the products are large. Throws a 400 for a bad cursor.
   */
  page(query: ProductQuery, seesAll: boolean): Promise<Page<Versioned<StoredProduct>>>
  /**
   * Returns the existing products of `ids` that the caller may see, in the order of `ids`. Throws a 400 if they have more than 16 MiB
   * together.
   */
  visibleByIds(ids: string[], seesAll: boolean): Promise<Versioned<StoredProduct>[]>
}

/** The problem for a second product with the same value, by the first field of each unique index. */
export const productKeys: UniqueKeys = {
  handle: { type: 'handle-taken', title: 'Another product has this handle', pointer: '/body/handle' },
  skus: { type: 'sku-taken', title: 'Another product has one of these SKUs', pointer: '/body/variants' }
}

/** Maximum bytes of the products in one answer by IDs, which has no pages. The products of a full cart must always fit. */
const MOST_BY_IDS = 4 * PRODUCT_BYTES

// IDs sort by the time of creation.
const SORTS: Record<ProductSort, Sort> = {
  createdAt: { field: '_id', direction: 1 },
  '-createdAt': { field: '_id', direction: -1 },
  title: { field: 'titleKey', direction: 1 },
  '-title': { field: 'titleKey', direction: -1 }
}

/** Opens the store of products. Each product is a document that also holds its events until they are published. */
export async function productStore(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock): Promise<Products> {
  const products = aggregates<StoredProduct>({ db, collection: 'products', schemaVersion: 1, outbox, clock })
  await createIndexes(products)
  const refuse = refuseTaken(productKeys)
  return {
    ...products,
    insert: (product, events, trace, madeBy) => products.insert(product, events, trace, madeBy).catch(refuse),
    change: (id, expected, rule, trace) => products.change(id, expected, rule, trace).catch(refuse),
    page(query, seesAll) {
      const { sort, limit, cursor } = query
      const filter = filterOf(query, seesAll)
      return findPage(products, {
        filter,
        sort: SORTS[sort],
        limit,
        cursor,
        scope: { list: 'products', sort, ...filter },
        budget: { max: PRODUCT_BYTES, sizeOf }
      })
    },
    async visibleByIds(ids, seesAll) {
      const filter = { _id: { $in: ids }, status: seesAll ? undefined : ('published' as const) }
      const present = new Map<string, Versioned<StoredProduct>>()
      // A few products can't exceed the limit together, so the query measures only larger numbers of products.
      const mustMeasure = ids.length * PRODUCT_BYTES > MOST_BY_IDS
      let size = 0
      for await (const product of products.find(filter)) {
        present.set(product.id, product)
        if (mustMeasure) size += sizeOf(product)
        if (size > MOST_BY_IDS)
          throw invalidInput([{ pointer: '/query/ids', detail: 'Are of more than 16 MiB: ask for fewer' }])
      }
      return ids.flatMap(id => present.get(id) ?? [])
    }
  }
}

async function createIndexes({ collection, indexKeys }: Aggregates<StoredProduct>) {
  await indexKeys()
  await collection.createIndex({ handle: 1 }, { unique: true })
  // No two products share a SKU, because stock is kept by SKU.
  await collection.createIndex({ skus: 1 }, { unique: true, sparse: true })
  // Public readers see only one status. Each index makes imports slower, so only the lists of shop pages have an index by title.
  for (const filter of ['family', 'categories', 'tags']) {
    await collection.createIndex({ [filter]: 1, status: 1, _id: 1 })
  }
  await collection.createIndex({ categories: 1, status: 1, titleKey: 1, _id: 1 })
  await collection.createIndex({ status: 1, _id: 1 })
  await collection.createIndex({ status: 1, titleKey: 1, _id: 1 })
  await collection.createIndex({ titleKey: 1, _id: 1 })
}

/** Returns the filter of a query. An undefined field of the query filters nothing. */
const filterOf = ({ category, family, tag, handle, status }: ProductQuery, seesAll: boolean) => ({
  status: status ?? (seesAll ? undefined : ('published' as const)),
  categories: category,
  family,
  tags: tag,
  handle: handle === undefined ? undefined : canonicalHandle(handle)
})

const sizeOf = (product: Versioned<StoredProduct>) => Buffer.byteLength(JSON.stringify(toProduct(product)))
