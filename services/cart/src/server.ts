import { eventLog } from '@bulkhead/chassis/event-log'
import { connectRedis, connectRedisStore } from '@bulkhead/chassis/redis'
import { redisOutbox } from '@bulkhead/chassis/redis-outbox'
import { runService } from '@bulkhead/chassis/service'
import { serviceTokens } from '@bulkhead/chassis/service-tokens'
import manifest from '../package.json' with { type: 'json' }
import { cartApp } from './app.ts'
import { connectCatalog } from './catalog.ts'
import { cartConfig } from './config.ts'
import { connectIdentity, readEvents } from './erasure.ts'
import { cartStore, TAG } from './store.ts'

await runService({
  manifest,
  config: cartConfig,
  environment: process.env,
  async build({ name: service, config, at, ...deps }) {
    const { log: logger, registry, clock } = deps
    const logRedis = connectRedis(config.EVENT_LOG_URL, 'event log', logger)
    const redis = await connectRedisStore(config.REDIS_URL, logger)
    const log = eventLog({ redis: logRedis, service, clock, registry })
    const outbox = redisOutbox({ service, redis, tag: TAG, log, clock, logger, registry, at })
    const token = serviceTokens(config.SERVICE_TOKENS_DIR)
    const catalog = connectCatalog({ url: config.CATALOG_URL, token, registry })
    const carts = cartStore({ redis, outbox, clock })
    const identity = connectIdentity({ url: config.IDENTITY_URL, token, registry })
    outbox.start()
    const reading = readEvents({ redis: logRedis, service, carts, identity, logger, registry, at })
    return {
      app: cartApp({ carts, catalog, ...deps }),
      stopReading: reading.stop,
      async close() {
        await outbox.stop()
        await Promise.all([catalog.close(), identity.close()])
        logRedis.disconnect()
        redis.disconnect()
      }
    }
  }
})
