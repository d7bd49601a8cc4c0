import { defineEvent, operation, pageQuery, pageSchema } from '@bulkhead/chassis/contract'
import { idSchema, textSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

// #if customer
const newWidget = z.object({ title: textSchema(255), productId: idSchema('prd').optional() })
const widget = newWidget.extend({ id: idSchema('wdg'), owner: idSchema('cus'), version: z.int().min(1) })
// #else
// const newWidget = z.object({ title: textSchema(255), note: textSchema(4_096).optional() })
// const widget = newWidget.extend({ id: idSchema('wdg'), version: z.int().min(1) })
// #end
export type Widget = z.infer<typeof widget>

const params = widget.pick({ id: true })

/** Creates a widget, only once for each `Idempotency-Key`. */
export const createWidget = operation({
  id: 'createWidget',
  method: 'post',
  path: '/widgets',
  summary: 'Create a widget',
  // #if customer
  callers: ['customer'],
  // #else
  // callers: ['staff'],
  // #end
  body: newWidget,
  keyed: true,
  answers: { 201: { description: 'The widget', body: widget } }
})

export const getWidget = operation({
  id: 'getWidget',
  method: 'get',
  path: '/widgets/{id}',
  summary: 'Get a widget',
  // #if customer
  callers: ['customer', 'staff'],
  // #end
  // #if staff
  // callers: ['staff'],
  // #end
  // #if public
  // callers: ['public'],
  // #end
  params,
  answers: { 200: { description: 'The widget', body: widget } }
})

// #if customer
/** Lists the customer's own widgets, or those of all customers for staff. */
// #end
export const listWidgets = operation({
  id: 'listWidgets',
  method: 'get',
  path: '/widgets',
  summary: 'List widgets in the order of their creation',
  // #if customer
  callers: ['customer', 'staff'],
  // #end
  // #if staff
  // callers: ['staff'],
  // #end
  // #if public
  // callers: ['public'],
  // #end
  query: z.object(pageQuery),
  answers: { 200: { description: 'A page', body: pageSchema(widget) } }
})

/** Changes the given fields of a widget. Needs `If-Match`. */
export const changeWidget = operation({
  id: 'changeWidget',
  method: 'patch',
  path: '/widgets/{id}',
  summary: 'Change a widget',
  // #if customer
  callers: ['customer'],
  // #else
  // callers: ['staff'],
  // #end
  params,
  body: newWidget.partial(),
  guarded: true,
  answers: { 200: { description: 'The changed widget', body: widget } }
})

/** Removes a widget. Needs `If-Match`. */
export const removeWidget = operation({
  id: 'removeWidget',
  method: 'delete',
  path: '/widgets/{id}',
  summary: 'Remove a widget',
  // #if customer
  callers: ['customer'],
  // #else
  // callers: ['staff'],
  // #end
  params,
  guarded: true,
  answers: { 204: { description: 'The widget was removed', body: null } }
})

export const widgetOperations = [createWidget, getWidget, listWidgets, changeWidget, removeWidget]

export const widgetCreated = defineEvent({ type: 'template.widget.created', summary: 'A widget was created' })
export const widgetChanged = defineEvent({ type: 'template.widget.changed', summary: 'A widget was changed' })
export const widgetRemoved = defineEvent({ type: 'template.widget.removed', summary: 'A widget was removed' })
export const widgetEvents = [widgetCreated, widgetChanged, widgetRemoved]
