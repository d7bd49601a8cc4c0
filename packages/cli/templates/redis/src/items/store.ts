import { isDeepStrictEqual } from 'node:util'
import {
  decodeCursor,
  type EventType,
  type MadeBy,
  madeEarlier,
  pageFrom,
  preconditionFailed,
  type Trace
} from '@bulkhead/chassis/contract'
import { type Clock, found, newId, notFound } from '@bulkhead/chassis/core'
import type { RedisOutbox } from '@bulkhead/chassis/events'
import { executed } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import { itemChanged, itemCreated, itemRemoved } from './events.ts'
import { type Item, type ItemChange, item, type NewItem } from './schemas.ts'

/** The hash tag that all keys have, so that one script may change several of them. */
export const TAG = '{template}'
/** What cursors are good for. */
const LIST = 'items'

export type Items = {
  /** With `madeBy`, the one that the same request made within a day, as it is now; 422 and 409 as those of `aggregates`. */
  create(item: NewItem, trace: Trace, madeBy?: MadeBy): Promise<Item>
  byId(id: string): Promise<Item | null>
  /** Those that exist, in the order of `ids`. */
  byIds(ids: string[]): Promise<Item[]>
  /** A page in the order of their making; 400 for a bad cursor. */
  page(limit: number, cursor: string | undefined): Promise<{ items: Item[]; nextCursor?: string }>
  /** 404 where there is no such item, 412 where its version is not `expected`. */
  change(id: string, expected: number, change: ItemChange, trace: Trace): Promise<Item>
  /** Errors as those of `change`; none where the same removal was done within ten minutes. */
  remove(id: string, expected: number, trace: Trace): Promise<void>
}

/** Writes the fields of an item, its ID and its event where its version is the expected one, and returns the one it was. */
const WRITE = `
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or 0)
if version ~= tonumber(ARGV[1]) then return version end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('ZADD', KEYS[2], 0, ARGV[2])
outbox_append(ARGV[3], version + 1)
return version`

/** Writes a new item likewise, unless a request with its key made one before. Returns which one was made, and a digest of what was asked for. */
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
 * Removes an item with its event likewise, and returns the version it was. For ten minutes it keeps which version it removed: the
 * same removal sent again is answered the same, too.
 */
const REMOVE = `
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or redis.call('GET', KEYS[3]) or 0)
if version ~= tonumber(ARGV[1]) or redis.call('DEL', KEYS[1]) == 0 then return version end
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('SET', KEYS[3], version, 'EX', 600)
outbox_append(ARGV[3], version + 1)
return version`

/** The items, each a hash, and a sorted set of their IDs. */
export function itemStore(redis: Redis, outbox: Pick<RedisOutbox, 'script' | 'event'>, clock: Clock): Items {
  const ids = `${TAG}:items`
  const keyOf = (id: string) => `${TAG}:item:${id}`
  const run = outbox.script<number>('write', WRITE)
  const runCreation = outbox.script<[id: string, content: string]>('create', CREATE)
  const runRemoval = outbox.script<number>('remove', REMOVE, 'frees')

  async function write(item: Item, type: EventType, trace: Trace): Promise<Item> {
    const expected = item.version - 1
    const event = outbox.event(type, item.id, trace)
    const version = await run([keyOf(item.id), ids], [expected, item.id, event, ...Object.entries(item).flat()])
    if (version !== expected) throw preconditionFailed(version)
    return item
  }

  async function byIds(wanted: string[]): Promise<Item[]> {
    const pipeline = redis.pipeline()
    for (const id of wanted) pipeline.hgetall(keyOf(id))
    return (await executed(pipeline)).flatMap(hash => itemOf(hash as Record<string, string>) ?? [])
  }

  const byId = async (id: string) => itemOf(await redis.hgetall(keyOf(id))) ?? null

  return {
    async create(fields, trace, madeBy) {
      const item = { ...fields, id: newId('itm', clock), version: 1, createdAt: clock.now().toISOString() }
      if (!madeBy) return write(item, itemCreated, trace)
      const keys = [keyOf(item.id), ids, `${TAG}:made:${madeBy.key}`]
      const event = outbox.event(itemCreated, item.id, trace)
      const [id, content] = await runCreation(keys, [item.id, event, madeBy.content, ...Object.entries(item).flat()])
      return madeEarlier({ ...madeBy, content }, madeBy, () => byId(id))
    },
    byId,
    byIds,
    async page(limit, cursor) {
      const after = cursor === undefined ? '-' : `(${decodeCursor(cursor, LIST)[0]}`
      const found = await redis.zrange(ids, after, '+', 'BYLEX', 'LIMIT', 0, limit + 1)
      const { items, ...rest } = pageFrom(found, limit, LIST, id => [id])
      return { items: await byIds(items), ...rest }
    },
    async change(id, expected, fields, trace) {
      const before = found(await byId(id))
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

/** Undefined for the empty hash of an item that does not exist. */
const itemOf = (hash: Record<string, string>): Item | undefined =>
  hash.id === undefined ? undefined : item.parse({ ...hash, version: Number(hash.version) })
