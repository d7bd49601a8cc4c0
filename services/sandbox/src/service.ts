import { defineService, redisStore } from '@bulkhead/chassis/service'
import * as z from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { paymentsCallLimits, paymentsNeeds, webhookSender } from './clients/payments.ts'
import { paymentMethodOperations } from './payment-methods/operations.ts'
import { paymentMethodRoutes } from './payment-methods/routes.ts'
import { paymentMethodStore } from './payment-methods/store.ts'
import { paymentAuthorisation } from './payments/authorisation.ts'
import { paymentOperations } from './payments/operations.ts'
import { paymentRoutes } from './payments/routes.ts'
import { paymentMetrics, paymentStore } from './payments/store.ts'
import { type DeliveryTimes, deliveryMetrics, webhookDelivery } from './webhooks/delivery.ts'
import { webhookOperations } from './webhooks/operations.ts'
import { webhookRoutes } from './webhooks/routes.ts'
import { webhookBehaviourStore } from './webhooks/store.ts'

/** Settings for tests: the time until the slow card is answered (ms), and the times of deliveries. */
type Settings = { slowMs?: number; times?: DeliveryTimes }

const SLOW_MS = 5_000

export const sandbox = defineService({
  manifest,
  config: z.object({ SANDBOX_WEBHOOK_SECRET: z.string().min(16) }),
  store: redisStore(),
  operations: [...paymentMethodOperations, ...paymentOperations, ...webhookOperations],
  metrics: [...paymentMetrics, ...deliveryMetrics],
  needs: [paymentsNeeds],
  callLimits: { payments: paymentsCallLimits },
  start({ redis, config, clients, background, clock, log, registry, passFaultPoint }, settings: Settings = {}) {
    const { slowMs = SLOW_MS, times } = settings
    const methods = paymentMethodStore(redis)
    const behaviour = webhookBehaviourStore(redis)
    const payments = paymentStore({ redis, behaviour, clock, registry, passFaultPoint })
    const send = webhookSender(clients.payments, config.SANDBOX_WEBHOOK_SECRET, clock)
    background.add(webhookDelivery({ redis, payments, behaviour, send, clock, log, registry, times }))
    return {
      payments,
      routes: [
        paymentMethodRoutes(methods, clock),
        paymentRoutes(payments, paymentAuthorisation({ payments, methods, clock, slowMs })),
        webhookRoutes(behaviour)
      ]
    }
  }
})
