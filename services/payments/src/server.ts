import { serviceTokens } from '@bulkhead/chassis/auth'
import { openMongoStore, runProgram } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { paymentsApp } from './app.ts'
import { config } from './config.ts'
import { connectOrders } from './orders.ts'
import { chooseProvider } from './providers/choose.ts'
import { reconciliation } from './reconciliation.ts'
import { paymentStore } from './store.ts'

await runProgram({
  manifest,
  config,
  environment: process.env,
  async build(ground) {
    const { config, at, log: logger, registry, clock } = ground
    const { db, outbox, close } = await openMongoStore(ground)
    const token = serviceTokens(config.SERVICE_TOKENS_DIR)
    const orders = connectOrders({ url: config.ORDERS_URL, token, registry, at })
    const { provider, close: closeProvider } = await chooseProvider(config, { token, log: logger, registry, clock, at })
    const store = await paymentStore(db, outbox, clock)
    const reconciling = reconciliation({ db, ground: { store, provider, clock, logger }, clock, logger, registry })
    await outbox.start()
    reconciling.start()
    return {
      app: paymentsApp({ store, provider, orders, ...ground }),
      stopReading: reconciling.stop,
      async close() {
        await close()
        await Promise.all([orders.close(), closeProvider()])
      }
    }
  }
})
