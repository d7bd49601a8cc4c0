import type { Redis } from 'ioredis'
import * as z from 'zod'
import { type BackupRecord, backupMetrics, measureBackups } from '../core/index.ts'
import { outboxMetrics, type RedisOutbox, redisOutbox } from '../events/index.ts'
import {
  connectRedis,
  connectRedisStore,
  measureRedisStore,
  redisMetrics,
  redisProblem,
  waitUntilConnected
} from '../redis/index.ts'
import type { Store } from './store.ts'

/** The access to a service's own Redis. */
type RedisHandle = { redis: Redis }

const variables = { REDIS_URL: z.url({ protocol: /^rediss?$/ }) }

/** Defines a store of records in the service's own Redis, at `REDIS_URL`. The service does not start without it. */
export const redisStore = (): Store<RedisHandle> => ({
  variables,
  metrics: [...redisMetrics, ...backupMetrics],
  problemOf: redisProblem,
  async open({ config, log, registry }) {
    const redis = await connectRedisStore(String(config.REDIS_URL), log)
    measureRedisStore(redis, registry)
    measureBackups({ registry, store: 'redis', read: () => readBackupRecord(redis) })
    return { handle: { redis }, close: async () => redis.disconnect() }
  }
})

/** Defines a cache in the service's own Redis. The service starts and answers without it, so the cache's errors never become answers. */
export const redisCache = (): Store<RedisHandle> => ({
  variables,
  metrics: redisMetrics,
  problemOf: error => error,
  async open({ config, log, registry }) {
    const redis = connectRedis(String(config.REDIS_URL), 'store', log)
    // Without this wait, the first command would fail, because the connection is not ready yet.
    await waitUntilConnected(redis)
    measureRedisStore(redis, registry)
    return { handle: { redis }, close: async () => redis.disconnect() }
  }
})

/** Defines the Redis store of a service that publishes events. `tag` is the hash tag of all its keys, including those of the outbox. */
export const publishingRedisStore = (tag: string): Store<RedisHandle & { outbox: RedisOutbox }> => ({
  variables,
  metrics: [...redisMetrics, ...backupMetrics, ...outboxMetrics],
  problemOf: redisProblem,
  async open(opening) {
    const { service, eventLog, clock, log, registry, passFaultPoint } = opening
    const { handle, close } = await redisStore().open(opening)
    const outbox = redisOutbox({ ...handle, service, tag, eventLog: eventLog, clock, log, registry, passFaultPoint })
    return {
      handle: { ...handle, outbox },
      startOutbox: () => outbox.start(),
      async close() {
        await outbox.stop()
        await close()
      }
    }
  }
})

/** The hash with the facts about the last backup and restore. A backup leaves it out. */
const BACKUP_KEY = 'bulkhead:backup'

async function readBackupRecord(redis: Redis): Promise<BackupRecord | undefined> {
  const fields = await redis.hgetall(BACKUP_KEY)
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Number(value)]))
}
