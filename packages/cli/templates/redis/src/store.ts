import type { Clock } from '@bulkhead/chassis/clock'
import { preconditionFailed } from '@bulkhead/chassis/etag'
import type { EventType, Trace } from '@bulkhead/chassis/events'
import { newId } from '@bulkhead/chassis/ids'
import { found, notFound } from '@bulkhead/chassis/problem'
import type { RedisOutbox } from '@bulkhead/chassis/redis-outbox'
import { executed } from '@bulkhead/chassis/streams'
import type { Redis } from 'ioredis'
import { itemChanged, itemCreated, itemRemoved } from './events.ts'
import { type Item, type ItemChange, item, type NewItem } from './schemas.ts'

/** The hash tag that all keys have, so that one script may change several of them. */
export const TAG = '{template}'

export type Items = {
  create(item: NewItem, trace: Trace): Promise<Item>
  byId(id: string): Promise<Item | null>
  /** Those that exist, in the order of `ids`. */
  byIds(ids: string[]): Promise<Item[]>
  /** The next `limit` items after an ID, in the order of IDs. */
  after(id: string, limit: number): Promise<Item[]>
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
  const runRemoval = outbox.script<number>('remove', REMOVE)

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
    create(fields, trace) {
      const item = { ...fields, id: newId('itm', clock), version: 1, createdAt: clock.now().toISOString() }
      return write(item, itemCreated, trace)
    },
    byId,
    byIds,
    after: async (id, limit) => byIds(await redis.zrange(ids, id ? `(${id}` : '-', '+', 'BYLEX', 'LIMIT', 0, limit)),
    async change(id, expected, fields, trace) {
      const before = found(await byId(id))
      if (before.version !== expected) throw preconditionFailed(before.version)
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
