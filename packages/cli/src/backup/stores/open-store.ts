import { Failure } from '../../failure.ts'
import { mongoRecords } from './mongo-store.ts'
import type { RecordStore, Written } from './record-store.ts'
import { redisRecords } from './redis-store.ts'

/** The highest number of a database in a Redis with its usual settings. */
const HIGHEST_DATABASE = 15

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
