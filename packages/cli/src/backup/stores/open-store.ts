import { Failure } from '../../failure.ts'
import { mongoRecords } from './mongo-store.ts'
import type { RecordStore, Written } from './record-store.ts'
import { redisRecords } from './redis-store.ts'

/** The highest number of a database in a Redis with its usual settings. */
const HIGHEST_DATABASE = 15

/** Databases with MongoDB's own data. */
const SYSTEM = ['admin', 'local', 'config']

/**
 * Opens a new database beside that of the store at an address, for a copy: for MongoDB any name, for Redis a number from 1 to 15. Fails if the
 * database is that of the store, is one of `taken`, or has anything in it, because a restore would replace it.
 */
export async function openCopy(
  url: string,
  database: string,
  { taken = [], written }: { taken?: string[]; written?: Written | undefined } = {}
): Promise<RecordStore> {
  const isRedis = /^rediss?:/.test(url)
  const cure = `Give one that is not in use, such as --as ${isRedis ? HIGHEST_DATABASE : `${database}-copy`}`
  const own = decodeURIComponent(/^[^:]+:\/\/[^/]*\/([^?]*)/.exec(url)?.[1] ?? '') || '0' // a URL of MongoDB may have several hosts
  const same = (name: string) =>
    isRedis ? Number(name) === Number(database) : name.toLowerCase() === database.toLowerCase()
  if ([own, ...taken, ...(isRedis ? [] : SYSTEM)].some(same))
    throw new Failure(`the database ${database} is in use, and a copy would replace what is in it`, cure)
  const store = await openStore(url, database, written)
  try {
    if (await store.isEmpty()) return store
    throw new Failure(
      `the database ${database} exists and is not empty, and a copy would replace what is in it`,
      `${cure}, or remove it first if it is an old copy: ${isRedis ? 'FLUSHDB' : 'db.dropDatabase()'}`
    )
  } catch (error) {
    await store.close()
    throw error
  }
}

/**
 * Opens the store of records at an address. `other` names another database on the same server: for MongoDB any name, for Redis a number
 * from 1 to 15.
 */
export async function openStore(url: string, other?: string, written?: Written): Promise<RecordStore> {
  if (/^mongodb(\+srv)?:/.test(url)) return mongoRecords(url, other && databaseName(other), written)
  if (/^rediss?:/.test(url)) return redisRecords(url, other && databaseNumber(other), written)
  throw new Failure('the address of the store is neither of MongoDB nor of Redis')
}

function databaseName(name: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,50}$/i.test(name)) return name
  throw new Failure(`"${name}" is no name of a database`, 'Use letters, digits, hyphens and underscores')
}

function databaseNumber(name: string): string {
  const number = Number(name)
  if (Number.isInteger(number) && number >= 1 && number <= HIGHEST_DATABASE) return name
  throw new Failure(
    `"${name}" is no number of a Redis database`,
    `Give a number from 1 to ${HIGHEST_DATABASE}, such as --as 9`
  )
}
