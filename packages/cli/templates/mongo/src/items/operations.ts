import { idList, operation, pageQuery, pageSchema } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { item, itemChange, itemId, newItem } from './schemas.ts'

const idParams = z.object({ id: itemId })

/** Creates an item, with an `Idempotency-Key` only once. */
export const createItem = operation({
  id: 'createItem',
  method: 'post',
  path: '/items',
  summary: 'Create an item',
  callers: ['staff'],
  body: newItem,
  keyed: true,
  answers: { 201: { description: 'The item', body: item } }
})

/** Reads an item and its ETag. 304 if the caller has the present version already. */
export const getItem = operation({
  id: 'getItem',
  method: 'get',
  path: '/items/{id}',
  summary: 'Read an item',
  callers: ['public'],
  params: idParams,
  answers: { 200: { description: 'The item', body: item }, 304: { description: 'Not modified', body: null } }
})

/** Reads items by their IDs, or all of them in the order of their creation, page by page. */
export const listItems = operation({
  id: 'listItems',
  method: 'get',
  path: '/items',
  summary: 'List items, or read several by their IDs',
  callers: ['public'],
  query: z.object({ ids: idList(itemId).optional(), ...pageQuery }),
  answers: { 200: { description: 'A page of items', body: pageSchema(item) } }
})

/** Changes the given fields. Needs `If-Match`. */
export const changeItem = operation({
  id: 'changeItem',
  method: 'patch',
  path: '/items/{id}',
  summary: 'Change an item',
  callers: ['staff'],
  params: idParams,
  body: itemChange,
  guarded: true,
  answers: { 200: { description: 'The changed item', body: item } }
})

/** Removes an item. Needs `If-Match`. The same request again gets the same answer for ten minutes, and a 404 after that. */
export const removeItem = operation({
  id: 'removeItem',
  method: 'delete',
  path: '/items/{id}',
  summary: 'Remove an item',
  callers: ['staff'],
  params: idParams,
  guarded: true,
  answers: { 204: { description: 'The item was removed', body: null } }
})

export const itemOperations = [createItem, getItem, listItems, changeItem, removeItem]
