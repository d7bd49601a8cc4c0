import { decodeCursor, encodeCursor } from '@bulkhead/chassis/cursor'
import { etagOf, expectedVersion, notModified } from '@bulkhead/chassis/etag'
import { found } from '@bulkhead/chassis/problem'
import { type Answer, operations } from '@bulkhead/chassis/routes'
import { changeItem, createItem, getItem, listItems } from '../operations.ts'
import type { Item } from '../schemas.ts'
import type { Items } from '../store.ts'

const LIST = 'items'

export function itemRoutes(items: Items) {
  return operations()
    .handle(createItem, async ({ body, context }) => shown(201, await items.create(body, context)))
    .handle(getItem, async ({ params, header }) => {
      const item = found(await items.byId(params.id))
      const headers = { ETag: etagOf(item.version) }
      return notModified(header('if-none-match'), item.version) ? { status: 304, headers } : shown(200, item)
    })
    .handle(listItems, async ({ query: { ids, limit, cursor } }) => {
      if (ids) return { status: 200, body: { items: await items.byIds(ids) } }
      const after = cursor === undefined ? '' : String(decodeCursor(cursor, LIST)[0])
      const page = await items.after(after, limit + 1)
      const shownItems = page.slice(0, limit)
      const nextCursor = page.length > limit ? encodeCursor([shownItems.at(-1)!.id], LIST) : undefined
      return { status: 200, body: { items: shownItems, nextCursor } }
    })
    .handle(changeItem, async ({ params, body, header, context }) => {
      const expected = expectedVersion(header('if-match'))
      return shown(200, await items.change(params.id, expected, body, context))
    }).router
}

const shown = (status: number, item: Item): Answer => ({ status, body: item, headers: { ETag: etagOf(item.version) } })
