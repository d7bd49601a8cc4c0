// #if customer
import { type Clock, type Context, customerOf, isStaff, newId, orNotFound } from '@bulkhead/chassis/core'
import { operations, withETagNoStore } from '@bulkhead/chassis/http'
// #else
// import { type Clock, orNotFound, newId } from '@bulkhead/chassis/core'
// import { operations, withETag } from '@bulkhead/chassis/http'
// #end
import { edited, findPage } from '@bulkhead/chassis/mongo'
// #if customer
import { type Catalog, checkProduct } from '../clients.ts'
// #end
import * as api from './api.ts'
import type { StoredWidget, Widgets } from './store.ts'

// #if customer
export function widgetRoutes(widgets: Widgets, catalog: Catalog, clock: Clock) {
  /** Selects the widgets that a caller may see: customers get a 404 for widgets of others, and staff see all. */
  const visibleTo = ({ caller }: Context) =>
    widgets.owned(({ owner }) => isStaff(caller) || owner === customerOf(caller))

  return operations()
    .handle(api.createWidget, async ({ body, requestKey, context }) => {
      const madeBy = requestKey?.withInput(body)
      const earlier = madeBy && (await widgets.madeBefore(madeBy))
      if (earlier) return withETagNoStore(201, earlier)
      await checkProduct(body.productId, catalog, clock, context)
      const created = { ...body, id: newId('wdg', clock), owner: customerOf(context.caller)! }
      return withETagNoStore(201, await widgets.insert(created, [api.widgetCreated], context, madeBy))
    })
    .handle(api.getWidget, async ({ params, context }) =>
      withETagNoStore(200, orNotFound(await visibleTo(context).byId(params.id)))
    )
    .handle(api.listWidgets, async ({ query: { limit, cursor }, context: { caller } }) => {
      const filter = { owner: isStaff(caller) ? undefined : customerOf(caller) }
      const scope = { list: 'widgets', ...filter }
      const body = await findPage(widgets, { filter, sort: { field: '_id', direction: 1 }, limit, cursor, scope })
      return { status: 200, body, headers: { 'Cache-Control': 'no-store' } }
    })
    .handle(api.changeWidget, async ({ params, body, ifMatch, context }) => {
      await checkProduct(body.productId, catalog, clock, context)
      const rule = (before: StoredWidget) => edited(before, { ...before, ...body }, api.widgetChanged)
      return withETagNoStore(200, await visibleTo(context).change(params.id, ifMatch, rule, context))
    })
    .handle(api.removeWidget, async ({ params, ifMatch, context }) => {
      await visibleTo(context).remove(params.id, ifMatch, [api.widgetRemoved], context)
      return { status: 204 }
    }).router
}
// #else
// export function widgetRoutes(widgets: Widgets, clock: Clock) {
//   return operations()
//     .handle(api.createWidget, async ({ body, requestKey, context }) => {
//       const created = { ...body, id: newId('wdg', clock) }
//       const widget = await widgets.insert(created, [api.widgetCreated], context, requestKey?.withInput(body))
//       return withETag(201, widget)
//     })
//     .handle(api.getWidget, async ({ params }) => withETag(200, orNotFound(await widgets.byId(params.id))))
//     .handle(api.listWidgets, async ({ query: { limit, cursor } }) => {
//       const sort = { field: '_id', direction: 1 } as const
//       return { status: 200, body: await findPage(widgets, { filter: {}, sort, limit, cursor, scope: 'widgets' }) }
//     })
//     .handle(api.changeWidget, async ({ params, body, ifMatch, context }) => {
//       const rule = (before: StoredWidget) => edited(before, { ...before, ...body }, api.widgetChanged)
//       return withETag(200, await widgets.change(params.id, ifMatch, rule, context))
//     })
//     .handle(api.removeWidget, async ({ params, ifMatch, context }) => {
//       await widgets.remove(params.id, ifMatch, [api.widgetRemoved], context)
//       return { status: 204 }
//     }).router
// }
// #end
