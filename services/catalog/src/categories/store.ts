import type { Page } from '@bulkhead/chassis/contract'
import type { Clock } from '@bulkhead/chassis/core'
import {
  type Aggregates,
  aggregates,
  findPage,
  type MongoOutbox,
  refuseTaken,
  type UniqueKeys,
  type Versioned
} from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Category, CategoryQuery } from './schemas.ts'

/** The categories. `insert` and `change` throw a 409 if another category below the same parent has the name. */
export type Categories = Aggregates<Category> & {
  /** Returns a page of all categories, or of the categories below one parent, in the order of names. Throws a 400 for a bad cursor. */
  page(query: CategoryQuery): Promise<Page<Versioned<Category>>>
}

const keys: UniqueKeys = {
  parent: { type: 'name-taken', title: 'Another category there has this name', pointer: '/body/name' }
}

/** Opens the store of categories. Each category is a document that also holds its events until they are published. */
export async function categoryStore(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock): Promise<Categories> {
  const categories = aggregates<Category>({ db, collection: 'categories', schemaVersion: 1, outbox, clock })
  await categories.collection.createIndex({ parent: 1, name: 1 }, { unique: true })
  await categories.collection.createIndex({ parent: 1, name: 1, _id: 1 })
  await categories.collection.createIndex({ name: 1, _id: 1 })
  const refuse = refuseTaken(keys)
  return {
    ...categories,
    insert: (category, events, trace) => categories.insert(category, events, trace).catch(refuse),
    change: (id, expected, rule, trace) => categories.change(id, expected, rule, trace).catch(refuse),
    page: ({ parent, limit, cursor }) =>
      findPage(categories, {
        filter: parent === undefined ? {} : { parent: parent === 'none' ? { $exists: false } : parent },
        sort: { field: 'name', direction: 1 },
        limit,
        cursor,
        scope: { list: 'categories', parent }
      })
  }
}
