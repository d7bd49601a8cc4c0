import { isDeepStrictEqual } from 'node:util'
import {
  decodeCursor,
  type EventType,
  earlierResult,
  type MadeBy,
  preconditionFailed,
  type Trace,
  toPage
} from '@bulkhead/chassis/contract'
import { type Clock, newId, notFound, orNotFound } from '@bulkhead/chassis/core'
import type { RedisOutbox } from '@bulkhead/chassis/events'
import { executePipeline } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import { itemChanged, itemCreated, itemRemoved } from './events.ts'
import { type Item, type ItemChange, item, type NewItem } from './schemas.ts'

/** The hash tag of all keys: it puts them into one slot, so that one script may use several of them. */
export const TAG = '{template}'
/** The list for which cursors are valid. */
const LIST = 'items'

export type Items = {
  /**
   * Creates an item. With `madeBy`, returns the item that the same request created within the last day, as it is now: 422 if that asked for
   * another item, 409 if the item was removed since.
   */
  create(item: NewItem, trace: Trace, madeBy?: MadeBy): Promise<Item>
  byId(id: string): Promise<Item | null>
  /** The items that exist, in the order of `ids`. */
  byIds(ids: string[]): Promise<Item[]>
  /** A page in the order of creation. 400 for a bad cursor. */
  page(limit: number, cursor: string | undefined): Promise<{ items: Item[]; nextCursor?: string }>
  /** 404 if there is no such item, 412 if its version is not `expected`. */
  change(id: string, expected: number, change: ItemChange, trace: Trace): Promise<Item>
  /** Fails as `change` does. Succeeds if the same removal was done within the last ten minutes. */
  remove(id: string, expected: number, trace: Trace): Promise<void>
}

/**
 * Writes an item and its event if the stored version is the expected one. Returns the version that was stored, 0 for a new item.
 * KEYS: the item, the IDs of all. ARGV: the expected version, the ID, the event, then the fields of the item.
 */
const WRITE = `
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or 0)
if version ~= tonumber(ARGV[1]) then return version end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('ZADD', KEYS[2], 0, ARGV[2])
outbox_append(ARGV[3], version + 1)
return version`

/**
 * Writes a new item and its event, unless a request with the same key created one before. Returns the ID of the created item and the digest
 * of its request. KEYS: the item, the IDs of all, the request. ARGV: the ID, the event, the digest, then the fields of the item.
 */
const CREATE = `
local id, content = unpack(redis.call('HMGET', KEYS[3], 'id', 'content'))
if id then return {id, content} end
redis.call('HSET', KEYS[3], 'id', ARGV[1], 'content', ARGV[3])
redis.call('EXPIRE', KEYS[3], 86400)
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('ZADD', KEYS[2], 0, ARGV[1])
outbox_append(ARGV[2], 1)
return {ARGV[1], ARGV[3]}`

/**
 * Removes an item and writes its event if the stored version is the expected one. Returns the version that was stored. The removed version is
 * kept for ten minutes, so that the same removal again gets the same answer.
 * KEYS: the item, the IDs of all, the removed version. ARGV: the expected version, the ID, the event.
 */
const REMOVE = `
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or redis.call('GET', KEYS[3]) or 0)
if version ~= tonumber(ARGV[1]) or redis.call('DEL', KEYS[1]) == 0 then return version end
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('SET', KEYS[3], version, 'EX', 600)
outbox_append(ARGV[3], version + 1)
return version`

/** Items, each a hash, with a sorted set of their IDs. */
export function itemStore(redis: Redis, outbox: Pick<RedisOutbox, 'script' | 'event'>, clock: Clock): Items {
  const ids = `${TAG}:items`
  const keyOf = (id: string) => `${TAG}:item:${id}`
  const runWrite = outbox.script<number>('write', WRITE)
  const runCreation = outbox.script<[id: string, content: string]>('create', CREATE)
  const runRemoval = outbox.script<number>('remove', REMOVE, 'frees')

  async function write(item: Item, type: EventType, trace: Trace): Promise<Item> {
    const expected = item.version - 1
    const event = outbox.event(type, item.id, trace)
    const version = await runWrite([keyOf(item.id), ids], [expected, item.id, event, ...Object.entries(item).flat()])
    if (version !== expected) throw preconditionFailed(version)
    return item
  }

  async function byIds(wanted: string[]): Promise<Item[]> {
    const pipeline = redis.pipeline()
    for (const id of wanted) pipeline.hgetall(keyOf(id))
    return (await executePipeline(pipeline)).flatMap(hash => itemOf(hash as Record<string, string>) ?? [])
  }

  const byId = async (id: string) => itemOf(await redis.hgetall(keyOf(id))) ?? null

  return {
    async create(fields, trace, madeBy) {
      const item = { ...fields, id: newId('itm', clock), version: 1, createdAt: clock.now().toISOString() }
      if (!madeBy) return write(item, itemCreated, trace)
      const keys = [keyOf(item.id), ids, `${TAG}:made:${madeBy.key}`]
      const event = outbox.event(itemCreated, item.id, trace)
      const [id, content] = await runCreation(keys, [item.id, event, madeBy.content, ...Object.entries(item).flat()])
      return earlierResult({ ...madeBy, content }, madeBy, () => byId(id))
    },
    byId,
    byIds,
    async page(limit, cursor) {
      const after = cursor === undefined ? '-' : `(${decodeCursor(cursor, LIST)[0]}`
      const members = await redis.zrange(ids, after, '+', 'BYLEX', 'LIMIT', 0, limit + 1)
      const { items, ...rest } = toPage(members, limit, LIST, id => [id])
      return { items: await byIds(items), ...rest }
    },
    async change(id, expected, fields, trace) {
      const before = orNotFound(await byId(id))
      if (before.version !== expected) throw preconditionFailed(before.version)
      if (isDeepStrictEqual({ ...before, ...fields }, before)) return before
      return write({ ...before, ...fields, version: expected + 1 }, itemChanged, trace)
    },
    async remove(id, expected, trace) {
      const keys = [keyOf(id), ids, `${TAG}:removed:${id}`]
      const version = await runRemoval(keys, [expected, id, outbox.event(itemRemoved, id, trace)])
      if (version === expected) return
      throw (await byId(id)) ? preconditionFailed(version) : notFound()
    }
  }
}

/** The item in a hash; undefined for an empty hash, which is how Redis answers for a missing item. */
const itemOf = (hash: Record<string, string>): Item | undefined =>
  hash.id === undefined ? undefined : item.parse({ ...hash, version: Number(hash.version) })
