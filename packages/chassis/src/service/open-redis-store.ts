import { eventLog, redisOutbox } from '../events/index.ts'
import { connectRedis, connectRedisStore, memoryMetrics } from '../redis/index.ts'
import type { Ground } from './program.ts'

type StoreConfig = { REDIS_URL: string; EVENT_LOG_URL: string; EVENT_LOG_CAP: number }

/** As `openMongoStore`, for a store in Redis (`store`) whose keys have the hash tag `tag`. Fails as `connectRedisStore` does. */
export async function openRedisStore(ground: Ground<StoreConfig>, tag: string) {
  const { name: service, config, log: logger, registry, clock, at } = ground
  const store = await connectRedisStore(config.REDIS_URL, logger)
  memoryMetrics(store, registry)
  const logRedis = connectRedis(config.EVENT_LOG_URL, 'event log', logger)
  const log = eventLog({ redis: logRedis, service, clock, registry, cap: config.EVENT_LOG_CAP })
  const outbox = redisOutbox({ service, redis: store, tag, log, clock, logger, registry, at })
  return {
    store,
    logRedis,
    outbox,
    async close() {
      await outbox.stop()
      logRedis.disconnect()
      store.disconnect()
    }
  }
}
