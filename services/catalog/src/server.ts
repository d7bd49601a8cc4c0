import { eventLog } from '@bulkhead/chassis/event-log'
import { connectMongo } from '@bulkhead/chassis/mongo'
import { mongoOutbox } from '@bulkhead/chassis/outbox'
import { connectRedis } from '@bulkhead/chassis/redis'
import { runService } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { catalogApp } from './app.ts'
import { catalogConfig } from './config.ts'
import { catalogStores } from './store.ts'

await runService({
  manifest,
  config: catalogConfig,
  environment: process.env,
  async build({ name: service, config, ...deps }) {
    const { log: logger, registry, clock } = deps
    const { db, close } = await connectMongo(config.MONGODB_URL, service)
    const redis = connectRedis(config.EVENT_LOG_URL, 'event log', logger)
    const log = eventLog({ redis, service, clock, registry })
    const outbox = mongoOutbox({ service, db, log, clock, logger, registry })
    const stores = await catalogStores(db, outbox, clock)
    await outbox.start()
    return {
      app: catalogApp({ stores, ...deps }),
      async close() {
        await outbox.stop()
        redis.disconnect()
        await close()
      }
    }
  }
})
