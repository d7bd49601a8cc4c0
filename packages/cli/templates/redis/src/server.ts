import { eventLog } from '@bulkhead/chassis/event-log'
import { connectRedis, connectRedisStore } from '@bulkhead/chassis/redis'
import { redisOutbox } from '@bulkhead/chassis/redis-outbox'
import { runService } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { itemsApp } from './app.ts'
import { config } from './config.ts'
import { itemStore, TAG } from './store.ts'

await runService({
  manifest,
  config,
  environment: process.env,
  async build({ name: service, config, at, ...deps }) {
    const { log: logger, registry, clock } = deps
    const redis = await connectRedisStore(config.REDIS_URL, logger)
    const logRedis = connectRedis(config.EVENT_LOG_URL, 'event log', logger)
    const log = eventLog({ redis: logRedis, service, clock, registry })
    const outbox = redisOutbox({ service, redis, tag: TAG, log, clock, logger, registry, at })
    const items = itemStore(redis, outbox, clock)
    outbox.start()
    return {
      app: itemsApp({ items, ...deps }),
      async close() {
        await outbox.stop()
        logRedis.disconnect()
        redis.disconnect()
      }
    }
  }
})
