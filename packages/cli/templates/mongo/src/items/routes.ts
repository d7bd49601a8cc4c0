import { orNotFound } from '@bulkhead/chassis/core'
import { operations, withETag, withETagOr304 } from '@bulkhead/chassis/http'
import { changeItem, createItem, getItem, listItems, removeItem } from './operations.ts'
import type { Items } from './store.ts'

export function itemRoutes(items: Items) {
  return operations()
    .handle(createItem, async ({ body, context, requestKey }) =>
      withETag(201, await items.create(body, context, requestKey?.withInput(body)))
    )
    .handle(getItem, async ({ params, header }) =>
      withETagOr304(header('if-none-match'), orNotFound(await items.byId(params.id)), item => item)
    )
    .handle(listItems, async ({ query: { ids, limit, cursor } }) => ({
      status: 200,
      body: ids ? { items: await items.byIds(ids) } : await items.page(limit, cursor)
    }))
    .handle(changeItem, async ({ params, body, ifMatch, context }) =>
      withETag(200, await items.change(params.id, ifMatch, body, context))
    )
    .handle(removeItem, async ({ params, ifMatch, context }) => {
      await items.remove(params.id, ifMatch, context)
      return { status: 204 }
    }).router
}
