import { defineService, publishingMongoStore } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { categoryEvents } from './categories/events.ts'
import { categoryOperations } from './categories/operations.ts'
import { categoryRoutes } from './categories/routes.ts'
import { categoryStore } from './categories/store.ts'
import { familyEvents } from './families/events.ts'
import { familyOperations } from './families/operations.ts'
import { familyRoutes } from './families/routes.ts'
import { familyStore } from './families/store.ts'
import { importEvents } from './imports/events.ts'
import { importOperations } from './imports/operations.ts'
import { importRoutes } from './imports/routes.ts'
import { importStore } from './imports/store.ts'
import { importMetrics, importWorker, type WorkerTimes } from './imports/worker.ts'
import { offerOperations } from './offers/operations.ts'
import { offerRoutes } from './offers/routes.ts'
import { productEvents } from './products/events.ts'
import { productOperations } from './products/operations.ts'
import { productRoutes } from './products/routes.ts'
import { productStore } from './products/store.ts'

/** Settings for tests: the times of the worker that runs imports. */
type Settings = { times?: WorkerTimes }

export const catalog = defineService({
  manifest,
  store: publishingMongoStore(),
  operations: [
    ...productOperations,
    ...offerOperations,
    ...familyOperations,
    ...categoryOperations,
    ...importOperations
  ],
  events: [...productEvents, ...familyEvents, ...categoryEvents, ...importEvents],
  metrics: importMetrics,
  async start({ db, outbox, background, clock, log, registry, passFaultPoint }, { times }: Settings = {}) {
    const products = await productStore(db, outbox, clock)
    const families = await familyStore(db, outbox, clock)
    const categories = await categoryStore(db, outbox, clock)
    const imports = await importStore(db, outbox, clock)
    const catalogue = { products, families, categories }
    background.add(importWorker({ db, imports, catalogue, clock, log, registry, passFaultPoint, times }))
    return {
      products,
      families,
      categories,
      imports,
      routes: [
        productRoutes(catalogue, clock),
        offerRoutes(products),
        familyRoutes(families, clock),
        categoryRoutes(categories, clock),
        importRoutes(imports, catalogue)
      ]
    }
  }
})
