import { found } from '@bulkhead/chassis/core'
import { operations, shown, shownUnlessKnown } from '@bulkhead/chassis/http'
import { changeItem, createItem, getItem, listItems, removeItem } from './operations.ts'
import type { Items } from './store.ts'

export function itemRoutes(items: Items) {
  return operations()
    .handle(createItem, async ({ body, context, requestKey }) =>
      shown(201, await items.create(body, context, requestKey?.of(body)))
    )
    .handle(getItem, async ({ params, header }) =>
      shownUnlessKnown(header('if-none-match'), found(await items.byId(params.id)), item => item)
    )
    .handle(listItems, async ({ query: { ids, limit, cursor } }) => ({
      status: 200,
      body: ids ? { items: await items.byIds(ids) } : await items.page(limit, cursor)
    }))
    .handle(changeItem, async ({ params, body, ifMatch, context }) =>
      shown(200, await items.change(params.id, ifMatch, body, context))
    )
    .handle(removeItem, async ({ params, ifMatch, context }) => {
      await items.remove(params.id, ifMatch, context)
      return { status: 204 }
    }).router
}
