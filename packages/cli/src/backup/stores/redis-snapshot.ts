import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { Failure } from '../../failure.ts'
import { type KeyRecord, readKeys } from './redis-values.ts'

/** A key as it is at the moment of the snapshot; without a record, the key does not exist then. A later item replaces an earlier one. */
export type SnapshotItem = { key: Buffer; record?: KeyRecord }

/** The number of keys that are read in one transaction while the snapshot may still change. */
const PAGE = 100
/** The number of changed keys that the last transaction may read. */
const LAST = 2_000
const MOST_ROUNDS = 200
const INVALIDATED = '__redis__:invalidate'
/** How long (ms) Redis may take to deliver a message. */
const DELIVERY_MS = 10_000

/**
 * Reads all keys of a Redis database as they are at one moment, while clients change them. It needs no rights of an administrator, unlike an
 * RDB file. First it reads all keys, and Redis reports each key that changes meanwhile (client-side caching in broadcast mode). Then it
 * reads the changed keys again in one transaction, until only keys of that transaction have changed in the meantime. Its moment is that of
 * the snapshot.
 */
export async function* redisSnapshot(redis: Redis, isRecord: (key: Buffer) => boolean): AsyncGenerator<SnapshotItem> {
  const changes = await trackChanges(redis)
  try {
    yield* allKeys(redis, isRecord, changes)
    let read: Keys = new Map()
    for (let round = 0; round < MOST_ROUNDS; round++) {
      await changes.settle()
      const changed = new Map([...changes.take()].filter(([, key]) => isRecord(key)))
      if ([...changed.keys()].every(name => read.has(name))) return
      read = read.size + changed.size > LAST ? changed : new Map([...read, ...changed])
      const keys = [...read.values()]
      const size = keys.length > LAST ? PAGE : LAST
      for (let start = 0; start < keys.length; start += size)
        yield* itemsOf(redis, keys.slice(start, start + size), changes)
      if (keys.length > LAST) read = new Map() // they were not read in one transaction
    }
    throw new Failure('Redis changes too fast for a snapshot', 'Try again when it has fewer changes')
  } finally {
    await changes.end()
  }
}

async function* allKeys(redis: Redis, isRecord: (key: Buffer) => boolean, changes: Changes) {
  for await (const keys of redis.scanBufferStream({ count: PAGE }))
    yield* itemsOf(redis, (keys as Buffer[]).filter(isRecord), changes)
}

async function* itemsOf(redis: Redis, keys: Buffer[], changes: Changes): AsyncGenerator<SnapshotItem> {
  const { records, gone, again } = await readKeys(redis, keys)
  changes.add(again)
  for (const record of records) yield { key: record.key, record }
  for (const key of gone) yield { key }
}

/** Keys by their bytes as text. */
type Keys = Map<string, Buffer>

type Changes = {
  /** Returns the changed keys, and forgets them. */
  take(): Keys
  add(keys: Buffer[]): void
  /** Waits until all changes that Redis made before have been reported. */
  settle(): Promise<void>
  end(): Promise<void>
}

async function trackChanges(redis: Redis): Promise<Changes> {
  const channel = `backup:${randomUUID()}`
  // In protocol 3, Redis reports changed keys in messages that ioredis does not pass on.
  const listener = redis.duplicate({ enableOfflineQueue: true, protocol: 2 })
  listener.on('error', () => undefined) // the commands below reject with the same error
  let changed: Keys = new Map()
  let isEmptied = false
  let delivered: (() => void) | undefined
  const add = (keys: Buffer[]) => {
    for (const key of keys) changed.set(key.toString('latin1'), key)
  }
  listener.on('messageBuffer', (name: Buffer, message: Buffer | Buffer[] | null) => {
    if (name.toString() === channel) delivered?.()
    else if (Array.isArray(message)) add(message)
    else isEmptied = true
  })
  const id = String(await listener.client('ID'))
  await listener.subscribe(INVALIDATED, channel)
  await redis.client('TRACKING', 'ON', 'REDIRECT', id, 'BCAST')

  return {
    take() {
      const keys = changed
      changed = new Map()
      return keys
    },
    add,
    async settle() {
      const arrival = new Promise<void>((resolve, reject) => {
        const timer = setTimeout(reject, DELIVERY_MS, new Failure('Redis does not report its changes', 'Try again'))
        delivered = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      await Promise.all([arrival, redis.publish(channel, '')])
      if (isEmptied) throw new Failure('Redis was emptied during the backup', 'Try again')
    },
    async end() {
      listener.disconnect()
      await redis.client('TRACKING', 'OFF')
    }
  }
}
