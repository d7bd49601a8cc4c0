import { eventLog } from '@bulkhead/chassis/event-log'
import { connectMongo } from '@bulkhead/chassis/mongo'
import { mongoOutbox } from '@bulkhead/chassis/outbox'
import { connectRedis } from '@bulkhead/chassis/redis'
import { runService } from '@bulkhead/chassis/service'
import { serviceTokens } from '@bulkhead/chassis/service-tokens'
import manifest from '../package.json' with { type: 'json' }
import { paymentsApp } from './app.ts'
import { config } from './config.ts'
import { connectOrders } from './orders.ts'
import { chooseProvider } from './providers/choose.ts'
import { reconciliation } from './reconciliation.ts'
import { paymentStore } from './store.ts'

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
    const token = serviceTokens(config.SERVICE_TOKENS_DIR)
    const orders = connectOrders({ url: config.ORDERS_URL, token, registry, at })
    const { provider, close: closeProvider } = await chooseProvider(config, { token, registry, clock, at })
    const store = await paymentStore(db, outbox, clock)
    const reconciling = reconciliation({ db, ground: { store, provider, clock }, clock, logger, registry })
    await outbox.start()
    reconciling.start()
    return {
      app: paymentsApp({ store, provider, orders, ...deps }),
      stopReading: reconciling.stop,
      async close() {
        await outbox.stop()
        await Promise.all([orders.close(), closeProvider()])
        logRedis.disconnect()
        await close()
      }
    }
  }
})
