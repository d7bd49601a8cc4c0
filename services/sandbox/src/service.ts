import { defineService, redisStore } from '@bulkhead/chassis/service'
import * as z from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { type DeliveryTimes, SEND_MS, webhookDelivery } from './delivery.ts'
import { paymentsNeeds } from './needs.ts'
import { allOperations } from './operations.ts'
import { paymentMethodRoutes } from './routes/payment-methods.ts'
import { paymentRoutes } from './routes/payments.ts'
import { webhookBehaviourRoutes } from './routes/webhook-behaviour.ts'
import { sandboxStore } from './store.ts'

/** For tests: milliseconds after which the slow card is answered, and the times of deliveries. */
type Settings = { slowMs?: number; times?: DeliveryTimes }

const SLOW_MS = 5_000

export const sandbox = defineService({
  manifest,
  config: z.object({ SANDBOX_WEBHOOK_SECRET: z.string().min(16) }),
  store: redisStore(),
  operations: allOperations,
  needs: [paymentsNeeds],
  callLimits: { payments: { timeout: SEND_MS, concurrency: 16 } },
  start({ redis, config, clients, background, clock, log, registry, at }, settings: Settings = {}) {
    const { slowMs = SLOW_MS, times } = settings
    const secret = config.SANDBOX_WEBHOOK_SECRET
    const store = sandboxStore({ redis, clock, registry, at })
    background.add(
      webhookDelivery({ redis, store, payments: clients.payments, secret, clock, logger: log, registry, times })
    )
    return {
      store,
      routes: [
        paymentMethodRoutes(store, clock),
        paymentRoutes({ store, clock, slowMs }),
        webhookBehaviourRoutes(store)
      ]
    }
  }
})
