import { defineService, publishingMongoStore } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { ordersNeeds } from './clients/orders.ts'
import { ATTEMPT_MS, sandboxNeeds } from './clients/sandbox.ts'
import { journalRoutes } from './journal/routes.ts'
import { allEvents } from './payments/events.ts'
import { allOperations } from './payments/operations.ts'
import { paymentRoutes } from './payments/routes.ts'
import { paymentStore } from './payments/store.ts'
import { chooseProvider, providerConfig } from './providers/selection.ts'
import { reconciliation, type Times } from './reconciliation/worker.ts'
import { webhookRoutes } from './webhooks/routes.ts'

/** For tests: how often reconciliation runs. */
type Settings = { times?: Times }

export const payments = defineService({
  manifest,
  config: providerConfig,
  store: publishingMongoStore(),
  operations: allOperations,
  events: allEvents,
  needs: [ordersNeeds, sandboxNeeds],
  callLimits: { sandbox: { timeout: ATTEMPT_MS, retries: 1 } },
  async start({ db, outbox, config, clients, background, clock, log, registry }, { times }: Settings = {}) {
    const provider = await chooseProvider(config, { sandbox: clients.sandbox, clock, log, registry })
    const store = await paymentStore(db, outbox, clock)
    const dependencies = { store, provider, orders: clients.orders, clock, logger: log }
    background.add(reconciliation({ db, ground: dependencies, clock, logger: log, registry, times }))
    return {
      dependencies,
      routes: [paymentRoutes(dependencies), journalRoutes(store.journal), webhookRoutes(dependencies, registry)]
    }
  }
})
