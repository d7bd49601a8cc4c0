import { eventLog } from '@bulkhead/chassis/event-log'
import { connectMongo } from '@bulkhead/chassis/mongo'
import { mongoOutbox } from '@bulkhead/chassis/outbox'
import { connectRedis } from '@bulkhead/chassis/redis'
import { runService } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { catalogApp } from './app.ts'
import { catalogConfig } from './config.ts'
import { catalogImports } from './imports/imports.ts'
import { catalogStores } from './store.ts'

await runService({
  manifest,
  config: catalogConfig,
  environment: process.env,
  async build({ name: service, config, ...deps }) {
    const { log: logger, registry, clock, at } = deps
    const { db, close } = await connectMongo(config.MONGODB_URL, service, at)
    const redis = connectRedis(config.EVENT_LOG_URL, 'event log', logger)
    const log = eventLog({ redis, service, clock, registry })
    const outbox = mongoOutbox({ service, db, log, clock, logger, registry })
    const stores = await catalogStores(db, outbox, clock)
    const { worker, ...imports } = await catalogImports({ db, stores, outbox, clock, logger, registry, at })
    await outbox.start()
    worker.start()
    return {
      app: catalogApp({ stores, imports, ...deps }),
      stopReading: worker.stop,
      async close() {
        await outbox.stop()
        redis.disconnect()
        await close()
      }
    }
  }
})
