import { serviceTokens } from '@bulkhead/chassis/auth'
import { connectRedisStore, memoryMetrics } from '@bulkhead/chassis/redis'
import { runService } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { sandboxApp } from './app.ts'
import { config } from './config.ts'
import { connectPayments, webhookDelivery } from './delivery.ts'
import { sandboxStore } from './store.ts'

await runService({
  manifest,
  config,
  environment: process.env,
  async build({ config, at, ...deps }) {
    const { log: logger, registry, clock } = deps
    const redis = await connectRedisStore(config.REDIS_URL, logger)
    memoryMetrics(redis, registry)
    const store = sandboxStore({ redis, clock, registry, at })
    const token = serviceTokens(config.SERVICE_TOKENS_DIR)
    const payments = connectPayments({ url: config.PAYMENTS_URL, token, registry, at })
    const secret = config.SANDBOX_WEBHOOK_SECRET
    const delivery = webhookDelivery({ redis, store, payments, secret, clock, logger, registry })
    delivery.start()
    return {
      app: sandboxApp({ store, ...deps }),
      stopReading: delivery.stop,
      async close() {
        await payments.close()
        redis.disconnect()
      }
    }
  }
})
