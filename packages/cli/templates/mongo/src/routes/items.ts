import { shown, shownUnlessKnown } from '@bulkhead/chassis/answers'
import { decodeCursor } from '@bulkhead/chassis/cursor'
import { pageFrom } from '@bulkhead/chassis/lists'
import { found } from '@bulkhead/chassis/problem'
import { operations } from '@bulkhead/chassis/routes'
import { changeItem, createItem, getItem, listItems, removeItem } from '../operations.ts'
import type { Items } from '../store.ts'

const LIST = 'items'

export function itemRoutes(items: Items) {
  return operations()
    .handle(createItem, async ({ body, context }) => shown(201, await items.create(body, context)))
    .handle(getItem, async ({ params, header }) =>
      shownUnlessKnown(header('if-none-match'), found(await items.byId(params.id)), item => item)
    )
    .handle(listItems, async ({ query: { ids, limit, cursor } }) => {
      if (ids) return { status: 200, body: { items: await items.byIds(ids) } }
      const after = cursor === undefined ? '' : String(decodeCursor(cursor, LIST)[0])
      const found = await items.after(after, limit + 1)
      return { status: 200, body: pageFrom(found, limit, LIST, ({ id }) => [id]) }
    })
    .handle(changeItem, async ({ params, body, ifMatch, context }) =>
      shown(200, await items.change(params.id, ifMatch, body, context))
    )
    .handle(removeItem, async ({ params, ifMatch, context }) => {
      await items.remove(params.id, ifMatch, context)
      return { status: 204 }
    }).router
}
