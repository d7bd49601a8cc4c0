import type { Page } from '@bulkhead/chassis/contract'
import type { Clock } from '@bulkhead/chassis/core'
import { fieldPicker } from '@bulkhead/chassis/http'
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
import { type Family, family } from './schemas.ts'

/** The families. `insert` and `change` throw a 409 if another family has the name. */
export type Families = Aggregates<Family> & {
  /** Returns a page in the order of creation. The page ends early if the families are large. Throws a 400 for a bad cursor. */
  page(limit: number, cursor: string | undefined): Promise<Page<Versioned<Family>>>
}

const keys: UniqueKeys = {
  name: { type: 'name-taken', title: 'Another family has this name', pointer: '/body/name' }
}

/** Maximum bytes of a page. */
const PAGE_BYTES = 4 * 1024 * 1024

/** Opens the store of families. Each family is a document that also holds its events until they are published. */
export async function familyStore(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock): Promise<Families> {
  const families = aggregates<Family>({ db, collection: 'families', schemaVersion: 1, outbox, clock })
  await families.collection.createIndex({ name: 1 }, { unique: true })
  const refuse = refuseTaken(keys)
  return {
    ...families,
    insert: (family, events, trace) => families.insert(family, events, trace).catch(refuse),
    change: (id, expected, rule, trace) => families.change(id, expected, rule, trace).catch(refuse),
    page: (limit, cursor) =>
      findPage(families, {
        filter: {},
        sort: { field: '_id', direction: 1 },
        limit,
        cursor,
        scope: 'families',
        budget: { max: PAGE_BYTES, sizeOf }
      })
  }
}

/** Returns a family as the API shows it. */
export const toFamily = fieldPicker(family)

const sizeOf = (family: Versioned<Family>) => Buffer.byteLength(JSON.stringify(toFamily(family)))
