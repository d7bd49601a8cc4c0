import { Redis } from 'ioredis'
import { BSON } from 'mongodb'
import { Failure } from '../../failure.ts'
import { FRAME, type Frame } from '../dump/frames.ts'
import type { Content } from '../dump/manifest.ts'
import { contentOfKeys } from '../dump/verify-dump.ts'
import type { RecordStore, Written } from './record-store.ts'
import { redisSnapshot } from './redis-snapshot.ts'
import { type KeyRecord, readKeys } from './redis-values.ts'

/** The hash with the facts about backups. It is no record. */
const BACKUP_KEY = 'bulkhead:backup'
/** The end of the names of leases, which the chassis writes. */
const LEASE_END = ':lease'
const ANSWER_MS = 30_000
const PAGE = 100
/** How many keys Redis passes at once while they are only counted. */
const COUNTED = 1_000

/** The facts about a restored key that are compared when all keys are written. */
type Expected = { digest: Buffer; expiresAt: number; bytes: number }

/**
 * Opens a service's Redis. The path of the URL is the number of the database; `database` overrides it. Fails if the server does not answer.
 * `written` is called with the number of restored keys.
 */
export async function redisRecords(
  url: string,
  database?: string,
  written: Written = () => undefined
): Promise<RecordStore> {
  const address = new URL(url)
  // ioredis prefers the number in the URL to its option `db`.
  if (database !== undefined) address.pathname = `/${database}`
  const redis = new Redis(address.href, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS
  })
  redis.on('error', () => undefined) // the commands reject with the same error
  try {
    await redis.connect()
    const server = /^redis_version:(\S+)/m.exec(await redis.info('server'))?.[1] ?? 'unknown'
    return recordsOf(redis, server, written)
  } catch (cause) {
    redis.disconnect()
    throw new Failure(`Redis at ${new URL(url).host} does not answer`, 'Is it running?', { cause })
  }
}

/** False for the facts about backups, and for the leases of replicas. */
const isRecord = (key: Buffer) => key.toString() !== BACKUP_KEY && !key.toString().endsWith(LEASE_END)

function recordsOf(redis: Redis, server: string, written: Written): RecordStore {
  return {
    kind: 'redis',
    server,
    read: () => readDatabase(redis),
    async count() {
      const found = new Set<string>() // a scan may return a key twice
      for await (const keys of redis.scanBufferStream({ count: COUNTED }))
        for (const key of (keys as Buffer[]).filter(isRecord)) found.add(key.toString('latin1'))
      return found.size
    },
    isEmpty: async () => (await redis.dbsize()) === 0,
    async clear() {
      for await (const keys of redis.scanBufferStream({ count: PAGE })) {
        const records = (keys as Buffer[]).filter(isRecord)
        if (records.length > 0) await redis.unlink(...records)
      }
    },
    write: frames => writeDatabase(redis, frames, written),
    async remember(record) {
      await redis.hset(
        BACKUP_KEY,
        Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
      )
    },
    close: async () => redis.disconnect()
  }
}

async function* readDatabase(redis: Redis): AsyncGenerator<Frame, Content[]> {
  const latest = new Map<string, { digest: Buffer; bytes: number }>()
  for await (const { key, record } of redisSnapshot(redis, isRecord)) {
    const name = key.toString('latin1')
    if (record) {
      yield { kind: FRAME.key, payload: BSON.serialize(record) }
      latest.set(name, { digest: record.digest, bytes: record.dump.length })
    } else if (latest.delete(name)) yield { kind: FRAME.removedKey, payload: key }
  }
  return [contentOfKeys(latest)]
}

async function writeDatabase(redis: Redis, frames: AsyncIterable<Frame>, written: Written): Promise<Content[]> {
  const expected = new Map<string, Expected>()
  for await (const { kind, payload } of frames) {
    if (kind === FRAME.removedKey) {
      const key = Buffer.from(payload)
      expected.delete(key.toString('latin1'))
      await redis.unlink(key)
    } else if (kind === FRAME.key) {
      const record = BSON.deserialize(payload, { promoteBuffers: true }) as KeyRecord
      await restoreKey(redis, record)
      const { digest, expiresAt, dump } = record
      expected.set(record.key.toString('latin1'), { digest, expiresAt, bytes: dump.length })
      written(expected.size)
    } else throw new Failure(`the dump is damaged: a record of the kind ${kind}`)
  }
  await compare(redis, expected)
  return [contentOfKeys(expected)]
}

/** Writes a key, unless it has expired since the backup. */
async function restoreKey(redis: Redis, { key, dump, expiresAt }: KeyRecord) {
  if (hasExpired(expiresAt)) {
    await redis.unlink(key)
    return
  }
  const ttl = Math.max(0, expiresAt)
  await redis.call('RESTORE', key, ttl, dump, 'REPLACE', 'ABSTTL').catch(cause => {
    const { message } = cause as Error
    const cure = /version|checksum/i.test(message) ? 'Restore into the same or a newer version of Redis' : undefined
    throw new Failure(`the key ${key} cannot be restored: ${message}`, cure, { cause })
  })
}

const hasExpired = (expiresAt: number) => expiresAt >= 0 && expiresAt <= Date.now()

/** Reads all restored keys and compares them with the backup. Fails at the first that differs. */
async function compare(redis: Redis, expected: Map<string, Expected>) {
  const names = [...expected.keys()]
  for (let start = 0; start < names.length; start += PAGE) {
    const page = names.slice(start, start + PAGE)
    const { records } = await readKeys(
      redis,
      page.map(name => Buffer.from(name, 'latin1'))
    )
    const stored = new Map(records.map(record => [record.key.toString('latin1'), record.digest]))
    for (const name of page) {
      const { digest, expiresAt } = expected.get(name)!
      const found = stored.get(name)
      if (!found && hasExpired(expiresAt)) continue
      const problem = found ? 'differs from the backup' : 'is missing'
      if (!found?.equals(digest)) throw new Failure(`the key ${name} ${problem} after it was restored`)
    }
  }
  for await (const keys of redis.scanBufferStream({ count: PAGE }))
    for (const key of (keys as Buffer[]).filter(isRecord))
      if (!expected.has(key.toString('latin1')))
        throw new Failure(`the key ${key} appeared during the restore`, 'Is a service running?')
}
