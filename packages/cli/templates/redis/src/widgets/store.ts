import {
  decodeCursor,
  earlierResult,
  type MadeBy,
  preconditionFailed,
  type Trace,
  toPage
} from '@bulkhead/chassis/contract'
// #if customer
import { type Clock, newId, notFound, orNotFound } from '@bulkhead/chassis/core'
// #else
// import { type Clock, orNotFound, newId } from '@bulkhead/chassis/core'
// #end
import type { RedisOutbox } from '@bulkhead/chassis/events'
// #if customer
import { redisScript } from '@bulkhead/chassis/redis'
// #end
import type { Redis } from 'ioredis'
import { type NewWidget, type Widget, widgetCreated, widgetRemoved } from './api.ts'

/** The hash tag in all keys, which lets a script use several keys in a Redis Cluster. */
export const TAG = '{template}'
const keyOf = (id: string) => `${TAG}:widget:${id}`

// #if customer
/** Errors: 404 if the owner (undefined for any) has no such widget, 412 if the version of the widget is not `expected`. */
export type Widgets = {
  /** Creates a widget; for the same `madeBy`, only once within a day. 404 for an erased customer. */
  create(fields: NewWidget, owner: string, trace: Trace, madeBy?: MadeBy): Promise<Widget>
  byId(id: string, owner?: string): Promise<Widget | null>
  /** Reads a page of widgets in the order of creation. 400 for an invalid cursor. */
  page(owner: string | undefined, limit: number, cursor?: string): Promise<{ items: Widget[]; nextCursor?: string }>
  remove(id: string, owner: string | undefined, expected: number, trace: Trace): Promise<void>
  /** Removes all widgets of a customer. For an hour, the customer cannot create new ones, because a token may still be valid. */
  erase(customer: string, trace: Trace): Promise<void>
}
// #else
// /** Errors: 404 if there is no such widget, 412 if the version of the widget is not `expected`. */
// export type Widgets = {
//   /** Creates a widget; for the same `madeBy`, only once within a day. */
//   create(fields: NewWidget, trace: Trace, madeBy?: MadeBy): Promise<Widget>
//   byId(id: string): Promise<Widget | null>
//   /** Reads a page of widgets in the order of creation. 400 for an invalid cursor. */
//   page(limit: number, cursor?: string): Promise<{ items: Widget[]; nextCursor?: string }>
//   remove(id: string, expected: number, trace: Trace): Promise<void>
// }
// #end

// #if customer
/** KEYS: the widget, the request, the customer's erasure mark, lists of IDs. ARGV: the ID, the widget, its event, the request's content. */
const CREATE = `
if redis.call('EXISTS', KEYS[3]) == 1 then return '' end
local made = ARGV[1] .. ' ' .. ARGV[4]
if ARGV[4] ~= '' and not redis.call('SET', KEYS[2], made, 'NX', 'EX', 86400) then return redis.call('GET', KEYS[2]) end
redis.call('SET', KEYS[1], ARGV[2])
for list = 4, 5 do redis.call('ZADD', KEYS[list], 0, ARGV[1]) end
outbox_append(ARGV[3], 1)
return made`
// #else
// /** KEYS: the widget, the request, the list of IDs. ARGV: the ID, the widget, its event, the request's content. */
// const CREATE = `
// local made = ARGV[1] .. ' ' .. ARGV[4]
// if ARGV[4] ~= '' and not redis.call('SET', KEYS[2], made, 'NX', 'EX', 86400) then return redis.call('GET', KEYS[2]) end
// redis.call('SET', KEYS[1], ARGV[2])
// redis.call('ZADD', KEYS[3], 0, ARGV[1])
// outbox_append(ARGV[3], 1)
// return made`
// #end

/** Returns the stored version, 0 for none. KEYS: the widget, the lists of IDs. ARGV: the expected version or an empty text, the ID, the event. */
const REMOVE = `
local stored = redis.call('GET', KEYS[1])
local version = stored and cjson.decode(stored).version or 0
if version == 0 or (ARGV[1] ~= '' and version ~= tonumber(ARGV[1])) then return version end
redis.call('DEL', KEYS[1])
for list = 2, #KEYS - 1 do redis.call('ZREM', KEYS[list], ARGV[2]) end
outbox_append(ARGV[3], version + 1)
return version`

// #if customer
/** Opens the store of widgets. Each widget is a JSON text. Sorted sets have the IDs of all widgets and of each customer's widgets. */
export function widgetStore(redis: Redis, outbox: Pick<RedisOutbox, 'script' | 'event'>, clock: Clock): Widgets {
  const listOf = (owner?: string) => (owner === undefined ? `${TAG}:widgets` : `${TAG}:of:${owner}`)
  const erasedKey = (owner: string) => `${TAG}:erased:${owner}`
  const creation = outbox.script<string>('create', CREATE)
  const removal = outbox.script<number>('remove', REMOVE, 'frees')
  const mark = redisScript(redis, 'template:mark-erased', `redis.call('SET', KEYS[1], 1, 'EX', 3600)`, 'frees')

  async function byId(id: string, owner?: string): Promise<Widget | null> {
    const widget: Widget | null = JSON.parse((await redis.get(keyOf(id))) ?? 'null')
    return owner === undefined || widget?.owner === owner ? widget : null
  }

  async function remove(id: string, owner: string | undefined, expected: number, trace: Trace) {
    const widget = orNotFound(await byId(id, owner))
    const keys = [keyOf(id), listOf(), listOf(widget.owner)]
    const version = await removal(keys, [expected, id, outbox.event(widgetRemoved, id, trace)])
    if (version !== expected) throw preconditionFailed(version)
  }

  return {
    byId,
    remove,
    async create(fields, owner, trace, madeBy = { key: '', content: '' }) {
      const widget = { ...fields, id: newId('wdg', clock), owner, version: 1 }
      const keys = [keyOf(widget.id), `${TAG}:made:${madeBy.key}`, erasedKey(owner), listOf(), listOf(owner)]
      const event = outbox.event(widgetCreated, widget.id, trace)
      const made = await creation(keys, [widget.id, JSON.stringify(widget), event, madeBy.content])
      if (made === '') throw notFound()
      const [id = '', content = ''] = made.split(' ')
      return earlierResult({ key: madeBy.key, content }, madeBy, () => byId(id))
    },
    async page(owner, limit, cursor) {
      const scope = { list: 'widgets', owner }
      const after = cursor === undefined ? '-' : `(${decodeCursor(cursor, scope)[0]}`
      const ids = await redis.zrange(listOf(owner), after, '+', 'BYLEX', 'LIMIT', 0, limit + 1)
      const listed = toPage(ids, limit, scope, id => [id])
      const texts = listed.items.length > 0 ? await redis.mget(listed.items.map(keyOf)) : []
      return { ...listed, items: texts.flatMap(text => (text ? JSON.parse(text) : [])) }
    },
    async erase(customer, trace) {
      await mark([erasedKey(customer)], [])
      for (const id of await redis.zrange(listOf(customer), '0', '-1'))
        await removal([keyOf(id), listOf(), listOf(customer)], ['', id, outbox.event(widgetRemoved, id, trace)])
    }
  }
}
// #else
// /** Opens the store of widgets. Each widget is a JSON text. A sorted set has the IDs of all widgets. */
// export function widgetStore(redis: Redis, outbox: Pick<RedisOutbox, 'script' | 'event'>, clock: Clock): Widgets {
//   const list = `${TAG}:widgets`
//   const creation = outbox.script<string>('create', CREATE)
//   const removal = outbox.script<number>('remove', REMOVE, 'frees')
//
//   const byId = async (id: string): Promise<Widget | null> => JSON.parse((await redis.get(keyOf(id))) ?? 'null')
//
//   return {
//     byId,
//     async create(fields, trace, madeBy = { key: '', content: '' }) {
//       const widget = { ...fields, id: newId('wdg', clock), version: 1 }
//       const keys = [keyOf(widget.id), `${TAG}:made:${madeBy.key}`, list]
//       const event = outbox.event(widgetCreated, widget.id, trace)
//       const made = await creation(keys, [widget.id, JSON.stringify(widget), event, madeBy.content])
//       const [id = '', content = ''] = made.split(' ')
//       return earlierResult({ key: madeBy.key, content }, madeBy, () => byId(id))
//     },
//     async page(limit, cursor) {
//       const after = cursor === undefined ? '-' : `(${decodeCursor(cursor, 'widgets')[0]}`
//       const ids = await redis.zrange(list, after, '+', 'BYLEX', 'LIMIT', 0, limit + 1)
//       const listed = toPage(ids, limit, 'widgets', id => [id])
//       const texts = listed.items.length > 0 ? await redis.mget(listed.items.map(keyOf)) : []
//       return { ...listed, items: texts.flatMap(text => (text ? JSON.parse(text) : [])) }
//     },
//     async remove(id, expected, trace) {
//       orNotFound(await byId(id))
//       const version = await removal([keyOf(id), list], [expected, id, outbox.event(widgetRemoved, id, trace)])
//       if (version !== expected) throw preconditionFailed(version)
//     }
//   }
// }
// #end
