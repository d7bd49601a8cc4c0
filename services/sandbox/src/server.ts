import { connectMongo } from '@bulkhead/chassis/mongo'
import { runService } from '@bulkhead/chassis/service'
import { serviceTokens } from '@bulkhead/chassis/service-tokens'
import manifest from '../package.json' with { type: 'json' }
import { sandboxApp } from './app.ts'
import { config } from './config.ts'
import { connectPayments, webhookDelivery } from './delivery.ts'
import { sandboxStore } from './store.ts'

await runService({
  manifest,
  config,
  environment: process.env,
  async build({ name: service, config, at, ...deps }) {
    const { log: logger, registry, clock } = deps
    const { db, close } = await connectMongo(config.MONGODB_URL, service, at)
    const store = await sandboxStore(db, clock, registry)
    const token = serviceTokens(config.SERVICE_TOKENS_DIR)
    const payments = connectPayments({ url: config.PAYMENTS_URL, token, registry, at })
    const secret = config.SANDBOX_WEBHOOK_SECRET
    const delivery = webhookDelivery({ db, store, payments, secret, clock, logger, registry })
    delivery.start()
    return {
      app: sandboxApp({ store, ...deps }),
      stopReading: delivery.stop,
      async close() {
        await payments.close()
        await close()
      }
    }
  }
})
