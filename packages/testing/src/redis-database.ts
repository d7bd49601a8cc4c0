import type { Redis } from 'ioredis'
import { connect } from './redis-server.ts'

/** Redis has 16 databases by default. Database 0 records which databases are taken, so tests use databases 1 to 15. */
const HIGHEST = 15
const takenKey = (number: number) => `test:taken:${number}`

/** A database of the tests' Redis. */
export type RedisDatabase = {
  url: string
  /** A connection to the database. */
  redis: Redis
  /** Empties the database and releases it. */
  close(): Promise<void>
}

/** Takes an empty database on the tests' Redis. Rejects if all databases are taken. */
export async function redisDatabase(): Promise<RedisDatabase> {
  const server = connect(process.env.TEST_REDIS_URL!)
  const number = await takeOne(server)
  const url = `${process.env.TEST_REDIS_URL}/${number}`
  const redis = connect(url)
  await redis.flushdb()
  return {
    url,
    redis,
    async close() {
      await redis.flushdb()
      await server.del(takenKey(number))
      redis.disconnect()
      server.disconnect()
    }
  }
}

async function takeOne(server: Redis) {
  for (let number = 1; number <= HIGHEST; number++) {
    if ((await server.set(takenKey(number), process.pid, 'NX')) === 'OK') return number
  }
  server.disconnect()
  throw new Error(`All ${HIGHEST} databases of the tests' Redis are taken: a test does not close its database`)
}

/** Returns the type and version of each unpublished event of an aggregate. */
export async function waitingEvents(redis: Redis, tag: string, id: string): Promise<[type: string, version: number][]> {
  const waiting = await redis.xrange(`${tag}:outbox`, '-', '+')
  const events = waiting.map(([, [, event, , version]]) => ({ ...JSON.parse(event!), version: Number(version) }))
  return events.filter(({ subject }) => subject === id).map(({ type, version }) => [type, version])
}
