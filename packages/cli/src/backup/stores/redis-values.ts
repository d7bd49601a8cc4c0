import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import { Failure } from '../../failure.ts'

/** A key with its value, as Redis serialises it, and a digest of what a client would read. */
export type KeyRecord = {
  key: Buffer
  /** The value as `DUMP` returns it, for `RESTORE`. */
  dump: Buffer
  /** The time when the key expires (ms since the epoch); -1 if it does not. */
  expiresAt: number
  /** The SHA-256 of the type, the expiry and the value. `dump` differs between servers, because the order of a set or hash does. */
  digest: Buffer
}

type Reader = {
  command: (key: Buffer) => [name: string, ...args: (Buffer | string)[]]
  /** How many items of the reply belong together. Groups are sorted, because their order has no meaning. Missing if the order has one. */
  group?: number
}

/** How the value of each type is read. */
const READERS: Record<string, Reader> = {
  string: { command: key => ['GET', key] },
  list: { command: key => ['LRANGE', key, '0', '-1'] },
  set: { command: key => ['SMEMBERS', key], group: 1 },
  zset: { command: key => ['ZRANGE', key, '0', '-1', 'WITHSCORES'] },
  hash: { command: key => ['HGETALL', key], group: 2 },
  stream: { command: key => ['XRANGE', key, '-', '+'] }
}

/** Commands for each key in the transaction of `readKeys`. */
const COMMANDS = 3

/** What `readKeys` found. */
export type ReadKeys = {
  records: KeyRecord[]
  /** Keys that no longer exist. */
  gone: Buffer[]
  /** Keys whose type changed while they were read. Read them again. */
  again: Buffer[]
}

/** Reads keys in one transaction, so that their values are of the same moment. */
export async function readKeys(redis: Redis, keys: Buffer[]): Promise<ReadKeys> {
  const found: ReadKeys = { records: [], gone: [], again: [] }
  if (keys.length === 0) return found
  const types = await typesOf(redis, keys)
  const reading = redis.multi()
  for (const [index, key] of keys.entries()) {
    const [name, ...args] = readerOf(types[index]!, key).command(key)
    reading.callBuffer('DUMP', key)
    reading.callBuffer('PEXPIRETIME', key)
    reading.callBuffer(name, ...args)
  }
  const replies = (await reading.exec()) ?? []
  for (const [index, key] of keys.entries()) {
    const [dump, expiry, value] = replies.slice(COMMANDS * index, COMMANDS * (index + 1))
    if (dump?.[1] === null) found.gone.push(key)
    else if (dump?.[0] || expiry?.[0] || value?.[0]) found.again.push(key)
    else {
      const type = types[index]!
      const expiresAt = Number(expiry![1])
      const digest = digestOfValue(type, expiresAt, value![1], READERS[type]?.group)
      found.records.push({ key, dump: dump![1] as Buffer, expiresAt, digest })
    }
  }
  return found
}

async function typesOf(redis: Redis, keys: Buffer[]): Promise<string[]> {
  const asking = redis.pipeline()
  for (const key of keys) asking.type(key)
  return ((await asking.exec()) ?? []).map(([error, type]) => {
    if (error) throw error
    return String(type)
  })
}

/** A key of the type `none` does not exist; any command shows that. */
function readerOf(type: string, key: Buffer): Reader {
  const reader = READERS[type === 'none' ? 'string' : type]
  if (reader) return reader
  throw new Failure(`the key ${key} has the type ${type}, which a backup cannot compare`)
}

function digestOfValue(type: string, expiresAt: number, value: unknown, group: number | undefined): Buffer {
  const hash = createHash('sha256').update(`${type} ${expiresAt} `)
  const items = itemsOf(value)
  if (group === undefined) for (const item of items) addItem(item)
  else for (const item of sortedGroups(items, group).flat()) addItem(item)
  return hash.digest()

  function addItem(item: Buffer) {
    hash.update(`${item.length}:`).update(item)
  }
}

/** Flattens a reply to its strings. Lists begin with their length, so that different replies have different items. */
function itemsOf(reply: unknown): Buffer[] {
  if (!Array.isArray(reply)) return [Buffer.isBuffer(reply) ? reply : Buffer.from(String(reply))]
  return reply.flatMap(item =>
    Array.isArray(item) ? [Buffer.from(`[${item.length}`), ...itemsOf(item)] : itemsOf(item)
  )
}

function sortedGroups(items: Buffer[], size: number): Buffer[][] {
  const groups = Array.from({ length: items.length / size }, (_, index) =>
    items.slice(size * index, size * (index + 1))
  )
  return groups.sort(([one], [other]) => Buffer.compare(one!, other!))
}
