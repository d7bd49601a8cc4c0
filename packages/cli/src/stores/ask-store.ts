import { setTimeout as delay } from 'node:timers/promises'
import { connectMongo } from '@bulkhead/chassis/mongo'
import { Redis } from 'ioredis'

/** How long (ms) a store has to answer. */
const ANSWER_MS = 1_000

/**
 * Asks the MongoDB or Redis at `url`, as the user in the URL, whether it can work: `ping` or `PING`. Resolves with undefined if it can, and
 * otherwise with the reason, which has no password. Takes at most a second.
 */
export async function askStore(url: string): Promise<string | undefined> {
  const limit = new AbortController()
  const late = delay(ANSWER_MS, `no answer within ${ANSWER_MS} ms`, { signal: limit.signal }).catch(() => undefined)
  const answer = (url.startsWith('mongodb') ? pingMongodb(url) : pingRedis(url)).catch(reasonOf)
  return Promise.race([answer, late]).finally(() => limit.abort())
}

const reasonOf = (error: Error) => error.message || error.name

async function pingMongodb(url: string): Promise<undefined> {
  const { db, close } = await connectMongo(url, 'bulkhead status')
  try {
    await db.command({ ping: 1 })
  } finally {
    await close()
  }
}

async function pingRedis(url: string): Promise<undefined> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false
  })
  let failure: Error | undefined
  redis.on('error', error => {
    failure = error
  })
  try {
    await redis.connect()
    await redis.ping()
  } catch (error) {
    throw failure ?? error // the error of the connection names its cause
  } finally {
    redis.disconnect()
  }
}
