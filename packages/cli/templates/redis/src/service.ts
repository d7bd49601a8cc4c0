import { defineService, publishingRedisStore } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
// #if customer
import { identityNeeds } from './clients.ts'
// #end
import { widgetEvents, widgetOperations } from './widgets/api.ts'
import { widgetRoutes } from './widgets/routes.ts'
import { TAG, widgetStore } from './widgets/store.ts'

export const service = defineService({
  manifest,
  store: publishingRedisStore(TAG),
  operations: widgetOperations,
  events: widgetEvents,
  // #if customer
  needs: [identityNeeds],
  handles: ['identity.customer.erased'],
  start({ redis, outbox, clients: { identity }, clock }) {
    const widgets = widgetStore(redis, outbox, clock)
    return {
      routes: [widgetRoutes(widgets)],
      on: {
        async 'identity.customer.erased'({ subject }, context) {
          await widgets.erase(subject, context)
          await identity.reportErasure({ params: { id: subject }, body: { outcome: 'deleted' } }, context)
        }
      }
    }
  }
  // #else
  // start: ({ redis, outbox, clock }) => ({ routes: [widgetRoutes(widgetStore(redis, outbox, clock))] })
  // #end
})
