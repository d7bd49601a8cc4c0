import { eventLog } from '@bulkhead/chassis/event-log'
import { connectMongo } from '@bulkhead/chassis/mongo'
import { mongoOutbox } from '@bulkhead/chassis/outbox'
import { connectRedis } from '@bulkhead/chassis/redis'
import { runService } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { itemsApp } from './app.ts'
import { config } from './config.ts'
import { itemStore } from './store.ts'

await runService({
  manifest,
  config,
  environment: process.env,
  async build({ name: service, config, at, ...deps }) {
    const { log: logger, registry, clock } = deps
    const { db, close } = await connectMongo(config.MONGODB_URL, service, at)
    const logRedis = connectRedis(config.EVENT_LOG_URL, 'event log', logger)
    const log = eventLog({ redis: logRedis, service, clock, registry })
    const outbox = mongoOutbox({ service, db, log, clock, logger, registry, at })
    const items = await itemStore(db, outbox, clock)
    await outbox.start()
    return {
      app: itemsApp({ items, ...deps }),
      async close() {
        await outbox.stop()
        logRedis.disconnect()
        await close()
      }
    }
  }
})
