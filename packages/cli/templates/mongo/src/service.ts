// #if customer
import { erasures, sweeper } from '@bulkhead/chassis/mongo'
// #end
import { defineService, publishingMongoStore } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
// #if customer
import { catalogNeeds, identityNeeds } from './clients.ts'
// #end
import { widgetEvents, widgetOperations } from './widgets/api.ts'
import { widgetRoutes } from './widgets/routes.ts'
// #if customer
import { eraseWidgets, removeProduct, widgetStore } from './widgets/store.ts'
// #else
// import { widgetStore } from './widgets/store.ts'
// #end

export const service = defineService({
  manifest,
  store: publishingMongoStore(),
  operations: widgetOperations,
  events: widgetEvents,
  // #if customer
  needs: [catalogNeeds, identityNeeds],
  handles: ['catalog.product.archived', 'identity.customer.erased'],
  async start({ db, outbox, clients: { catalog, identity }, background, clock, log }) {
    const widgets = await widgetStore(db, outbox, clock)
    const erased = erasures({ db, clock, erase: customers => eraseWidgets(widgets, customers) })
    // The sweeper erases widgets that the customer creates later, because the customer's token stays valid for a few minutes.
    background.add(sweeper({ db, name: 'erasures', sweep: erased.sweep, log, clock }))
    return {
      routes: [widgetRoutes(widgets, catalog, clock)],
      on: {
        'catalog.product.archived': ({ subject }, context) => removeProduct(widgets, subject, context),
        async 'identity.customer.erased'({ subject }, context) {
          await erased.erase(subject)
          await identity.reportErasure({ params: { id: subject }, body: { outcome: 'deleted' } }, context)
        }
      }
    }
  }
  // #else
  // async start({ db, outbox, clock }) {
  //   const widgets = await widgetStore(db, outbox, clock)
  //   return { routes: [widgetRoutes(widgets, clock)] }
  // }
  // #end
})
