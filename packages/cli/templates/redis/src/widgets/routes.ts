// #if customer
import { type Context, customerOf, isStaff, orNotFound } from '@bulkhead/chassis/core'
import { operations, withETagNoStore } from '@bulkhead/chassis/http'
// #else
// import { orNotFound } from '@bulkhead/chassis/core'
// import { operations, withETag } from '@bulkhead/chassis/http'
// #end
import * as api from './api.ts'
import type { Widgets } from './store.ts'

export function widgetRoutes(widgets: Widgets) {
  // #if customer
  /** Returns the customer whose widgets a caller may see; undefined for staff, who see all widgets. */
  const ownerFor = ({ caller }: Context) => (isStaff(caller) ? undefined : customerOf(caller)!)

  return operations()
    .handle(api.createWidget, async ({ body, requestKey, context }) => {
      const widget = await widgets.create(body, customerOf(context.caller)!, context, requestKey?.withInput(body))
      return withETagNoStore(201, widget)
    })
    .handle(api.getWidget, async ({ params, context }) =>
      withETagNoStore(200, orNotFound(await widgets.byId(params.id, ownerFor(context))))
    )
    .handle(api.listWidgets, async ({ query: { limit, cursor }, context }) => {
      const body = await widgets.page(ownerFor(context), limit, cursor)
      return { status: 200, body, headers: { 'Cache-Control': 'no-store' } }
    })
    .handle(api.removeWidget, async ({ params, ifMatch, context }) => {
      await widgets.remove(params.id, ownerFor(context), ifMatch, context)
      return { status: 204 }
    }).router
  // #else
  // return operations()
  //   .handle(api.createWidget, async ({ body, requestKey, context }) =>
  //     withETag(201, await widgets.create(body, context, requestKey?.withInput(body)))
  //   )
  //   .handle(api.getWidget, async ({ params }) => withETag(200, orNotFound(await widgets.byId(params.id))))
  //   .handle(api.listWidgets, async ({ query: { limit, cursor } }) => {
  //     return { status: 200, body: await widgets.page(limit, cursor) }
  //   })
  //   .handle(api.removeWidget, async ({ params, ifMatch, context }) => {
  //     await widgets.remove(params.id, ifMatch, context)
  //     return { status: 204 }
  //   }).router
  // #end
}
