import { idList, operation, page, paging } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { item, itemChange, itemId, newItem } from './schemas.ts'

const one = z.object({ id: itemId })

/** Makes an item; with an `Idempotency-Key` once, however often it is sent. */
export const createItem = operation({
  id: 'createItem',
  method: 'post',
  path: '/items',
  summary: 'Make an item',
  callers: ['staff'],
  body: newItem,
  keyed: true,
  answers: { 201: { description: 'The item', body: item } }
})

/** One item, whole, with its ETag. */
export const getItem = operation({
  id: 'getItem',
  method: 'get',
  path: '/items/{id}',
  summary: 'One item',
  callers: ['public'],
  params: one,
  answers: { 200: { description: 'The item', body: item }, 304: { description: 'Not modified', body: null } }
})

/** Items by IDs, or page after page in the order of their making. */
export const listItems = operation({
  id: 'listItems',
  method: 'get',
  path: '/items',
  summary: 'Items by IDs, or all page by page',
  callers: ['public'],
  query: z.object({ ids: idList(itemId).optional(), ...paging }),
  answers: { 200: { description: 'A page', body: page(item) } }
})

/** Changes the fields that are named. Needs `If-Match`. */
export const changeItem = operation({
  id: 'changeItem',
  method: 'patch',
  path: '/items/{id}',
  summary: 'Change an item',
  callers: ['staff'],
  params: one,
  body: itemChange,
  guarded: true,
  answers: { 200: { description: 'The changed item', body: item } }
})

/** Removes an item. Needs `If-Match`. Sent again within ten minutes, it is answered the same; 404 after that. */
export const removeItem = operation({
  id: 'removeItem',
  method: 'delete',
  path: '/items/{id}',
  summary: 'Remove an item',
  callers: ['staff'],
  params: one,
  guarded: true,
  answers: { 204: { description: 'It is gone', body: null } }
})

export const itemOperations = [createItem, getItem, listItems, changeItem, removeItem]
