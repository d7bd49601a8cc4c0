import { operation } from '@bulkhead/chassis/contract'
import * as z from 'zod'

const newWidget = z.object({ text: z.string().max(16_384) })
const widget = z.object({ words: z.int().min(0), characters: z.int().min(0) })
export type Widget = z.infer<typeof widget>

/** Makes a widget from a text. Stores nothing. */
export const createWidget = operation({
  id: 'createWidget',
  method: 'post',
  path: '/widgets',
  summary: 'Make a widget of a text',
  // #if customer
  callers: ['customer'],
  // #end
  // #if staff
  // callers: ['staff'],
  // #end
  // #if public
  // callers: ['public'],
  // #end
  body: newWidget,
  answers: { 200: { description: 'The widget', body: widget } }
})
