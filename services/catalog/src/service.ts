import { defineService, publishingMongoStore } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { categoryRoutes } from './categories/routes.ts'
import { allEvents } from './events.ts'
import { familyRoutes } from './families/routes.ts'
import { catalogImports } from './imports/imports.ts'
import { importRoutes } from './imports/routes.ts'
import type { WorkerTimes } from './imports/worker.ts'
import { offerRoutes } from './offers/routes.ts'
import { allOperations } from './operations.ts'
import { productRoutes } from './products/routes.ts'
import { catalogStores } from './store.ts'

/** For tests: the times of the worker that runs imports. */
type Settings = { times?: WorkerTimes }

export const catalog = defineService({
  manifest,
  store: publishingMongoStore(),
  operations: allOperations,
  events: allEvents,
  async start({ db, outbox, background, clock, log: logger, registry, at }, { times }: Settings = {}) {
    const stores = await catalogStores(db, outbox, clock)
    const { worker, ...imports } = await catalogImports({ db, stores, outbox, clock, logger, registry, at, times })
    background.add(worker)
    return {
      ...stores,
      imports,
      routes: [
        productRoutes({ ...stores, clock }),
        offerRoutes(stores),
        familyRoutes({ ...stores, clock }),
        categoryRoutes({ ...stores, clock }),
        importRoutes({ ...stores, ...imports })
      ]
    }
  }
})
