import type { MadeBy, Trace } from '@bulkhead/chassis/contract'
import { type Clock, newId } from '@bulkhead/chassis/core'
import { aggregates, edited, findPage, type MongoOutbox, type Versioned } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { itemChanged, itemCreated, itemRemoved } from './events.ts'
import type { Item, ItemChange, NewItem } from './schemas.ts'

export type Items = {
  /** Creates an item. With `madeBy`, returns the item that the same request created before, as it is now. */
  create(item: NewItem, trace: Trace, madeBy?: MadeBy): Promise<Item>
  byId(id: string): Promise<Item | null>
  /** The items that exist, in the order of `ids`. */
  byIds(ids: string[]): Promise<Item[]>
  /** A page in the order of creation. 400 for a bad cursor. */
  page(limit: number, cursor: string | undefined): Promise<{ items: Item[]; nextCursor?: string }>
  /** 404 if there is no such item, 412 if its version is not `expected`. */
  change(id: string, expected: number, change: ItemChange, trace: Trace): Promise<Item>
  /** Fails as `change` does. Succeeds if the same removal was done within the last ten minutes. */
  remove(id: string, expected: number, trace: Trace): Promise<void>
}

/** An item as it is stored. The aggregate adds its version. */
type StoredItem = Omit<Item, 'version' | 'createdAt'> & { createdAt: Date }

/** Items, each a document that also holds its events until they are published. */
export async function itemStore(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock): Promise<Items> {
  const items = aggregates<StoredItem>({ db, collection: 'items', schemaVersion: 1, outbox, clock })
  await items.indexKeys()
  return {
    async create(fields, trace, madeBy) {
      const item = { ...fields, id: newId('itm', clock), createdAt: clock.now() }
      return toItem(await items.insert(item, [itemCreated], trace, madeBy))
    },
    async byId(id) {
      const item = await items.byId(id)
      return item && toItem(item)
    },
    byIds: async ids => (await items.byIds(ids)).map(toItem),
    async page(limit, cursor) {
      const page = await findPage(items, {
        filter: {},
        sort: { field: '_id', direction: 1 },
        limit,
        cursor,
        scope: 'items'
      })
      return { ...page, items: page.items.map(toItem) }
    },
    async change(id, expected, fields, trace) {
      const rule = (item: StoredItem) => edited(item, { ...item, ...fields }, itemChanged)
      return toItem(await items.change(id, expected, rule, trace))
    },
    remove: (id, expected, trace) => items.remove(id, expected, [itemRemoved], trace)
  }
}

const toItem = ({ createdAt, ...item }: Versioned<StoredItem>): Item => ({
  ...item,
  createdAt: createdAt.toISOString()
})
