import { defineService, publishingMongoStore } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { ordersNeeds } from './clients/orders.ts'
import { ATTEMPT_MS, sandboxNeeds } from './clients/sandbox.ts'
import { journalOperations } from './journal/operations.ts'
import { journalRoutes } from './journal/routes.ts'
import { journalStore } from './journal/store.ts'
import { paymentEvents } from './payments/events.ts'
import { captureCounter, paymentMetrics } from './payments/metrics.ts'
import { paymentOperations } from './payments/operations.ts'
import { paymentRoutes } from './payments/routes.ts'
import { paymentStore } from './payments/store.ts'
import { providerConfig, selectProvider } from './providers/selection.ts'
import { type ReconciliationTimes, reconciliation, reconciliationMetrics } from './reconciliation/worker.ts'
import { putRefund } from './refunds/operations.ts'
import { refundRoutes } from './refunds/routes.ts'
import { receiveWebhook } from './webhooks/operations.ts'
import { webhookMetrics, webhookRoutes } from './webhooks/routes.ts'

/** Settings for tests: the times of reconciliation. */
type Settings = { times?: ReconciliationTimes }

export const payments = defineService({
  manifest,
  config: providerConfig,
  store: publishingMongoStore(),
  operations: [...paymentOperations, putRefund, ...journalOperations, receiveWebhook],
  events: paymentEvents,
  metrics: [...paymentMetrics, ...reconciliationMetrics, ...webhookMetrics],
  needs: [ordersNeeds, sandboxNeeds],
  callLimits: { sandbox: { timeout: ATTEMPT_MS, retries: 1 } },
  async start({ db, outbox, config, clients, background, clock, log, registry }, { times }: Settings = {}) {
    const provider = await selectProvider(config, { sandbox: clients.sandbox, clock, log, registry })
    const payments = await paymentStore(db, outbox, clock)
    const journal = journalStore(db, clock)
    const dependencies = {
      payments,
      journal,
      provider,
      orders: clients.orders,
      clock,
      log,
      countCapture: captureCounter(registry)
    }
    background.add(reconciliation({ db, dependencies, registry, times }))
    return {
      dependencies,
      routes: [
        paymentRoutes(dependencies),
        refundRoutes(dependencies),
        journalRoutes(journal),
        webhookRoutes(dependencies, registry)
      ]
    }
  }
})
