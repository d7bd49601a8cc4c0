import type { Redis } from 'ioredis'
import * as z from 'zod'
import { type RedisOutbox, redisOutbox } from '../events/index.ts'
import { connectRedis, connectRedisStore, memoryMetrics, redisProblem, waitUntilConnected } from '../redis/index.ts'
import type { Store } from './store.ts'

/** A connection to a Redis of a service's own. */
type RedisHandle = { redis: Redis }

const variables = { REDIS_URL: z.url({ protocol: /^rediss?$/ }) }

/** A Redis of the service's own, at `REDIS_URL`, which must be there when the service starts. */
export const redisStore = (): Store<RedisHandle> => ({
  variables,
  problemOf: redisProblem,
  async open({ config, log, registry }) {
    const redis = await connectRedisStore(String(config.REDIS_URL), log)
    memoryMetrics(redis, registry)
    return { handle: { redis }, close: async () => redis.disconnect() }
  }
})

/** A Redis whose data may be lost: the service starts and answers without it. An error of it is never an answer. */
export const redisCache = (): Store<RedisHandle> => ({
  variables,
  problemOf: error => error,
  async open({ config, log, registry }) {
    const redis = connectRedis(String(config.REDIS_URL), 'the store', log)
    // Without it, the first command of the service would find a connection that is not made yet.
    await waitUntilConnected(redis)
    memoryMetrics(redis, registry)
    return { handle: { redis }, close: async () => redis.disconnect() }
  }
})

/** A Redis store of a service that publishes events. `tag` is the hash tag of all its keys, those of the outbox among them. */
export const publishingRedisStore = (tag: string): Store<RedisHandle & { outbox: RedisOutbox }> => ({
  variables,
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
