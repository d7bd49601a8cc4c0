import { sweeper } from '@bulkhead/chassis/mongo'
import { defineService, mongoStore } from '@bulkhead/chassis/service'
import * as z from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { catalogNeeds } from './clients/catalog.ts'
import { importDefinitions, importMetrics } from './imports/metrics.ts'
import { importStore } from './imports/store.ts'
import { importWorker, type WorkerTimes } from './imports/worker.ts'
import { reservationHolds } from './reservations/holds.ts'
import { reservationLifecycle } from './reservations/lifecycle.ts'
import { reservationDefinitions, reservationMetrics } from './reservations/metrics.ts'
import { reservationOperations } from './reservations/operations.ts'
import { reservationRoutes } from './reservations/routes.ts'
import { reservationStore } from './reservations/store.ts'
import { sweepReservations } from './reservations/sweep.ts'
import { adjustmentHistory } from './stock/history.ts'
import { stockOperations } from './stock/operations.ts'
import { stockRoutes } from './stock/routes.ts'
import { stockStore } from './stock/store.ts'

const config = z.object({
  /** Minutes until a reservation expires. This is much longer than an order lives, even with clocks ten minutes apart. */
  HOLD_MINUTES: z.coerce.number().int().min(1).max(1_440).default(60),
  /** Maximum number of unpaid holds of one SKU that one network may have. */
  HOLDS_PER_NETWORK: z.coerce.number().int().min(1).max(1_000_000).default(20),
  /** Maximum percentage of a SKU's pieces on hand that one network may hold unpaid, if there are more than 10 pieces. */
  HOLDS_NETWORK_PERCENT: z.coerce.number().int().min(1).max(100).default(10)
})

/** Settings for tests: with `hasWorkers: false`, only the test sweeps and no import is counted. */
type Settings = { hasWorkers?: boolean; importTimes?: WorkerTimes }

export const inventory = defineService({
  manifest,
  config,
  store: mongoStore(),
  operations: [...stockOperations, ...reservationOperations],
  metrics: [...reservationDefinitions, ...importDefinitions],
  needs: [catalogNeeds],
  handles: ['catalog.import.finished'],
  async start({ db, config, clients, background, clock, log, registry, passFaultPoint }, settings: Settings = {}) {
    const { hasWorkers = true, importTimes: times } = settings
    const stock = stockStore(db)
    const history = await adjustmentHistory(db)

    const reservations = await reservationStore(db)
    const metrics = reservationMetrics(registry, log, reservations)
    const networkLimits = { holds: config.HOLDS_PER_NETWORK, percent: config.HOLDS_NETWORK_PERCENT }
    const holds = reservationHolds({ stock, clock, networkLimits, metrics })
    const life = config.HOLD_MINUTES * 60_000
    const lifecycle = reservationLifecycle({ reservations, holds, clock, life, metrics })
    const sweep = () => sweepReservations({ stock, reservations, holds, lifecycle, metrics })

    const imports = await importStore(db, clock)
    const worker = importWorker({
      db,
      imports,
      stock,
      history,
      catalog: clients.catalog,
      metrics: importMetrics(registry, log, imports),
      clock,
      log,
      passFaultPoint,
      times
    })
    if (hasWorkers) {
      background.add(sweeper({ db, name: 'reservations', sweep, log, clock }))
      background.add(worker)
    }
    return {
      stock,
      history,
      reservations,
      lifecycle,
      sweep,
      routes: [stockRoutes({ stock, history, clock }), reservationRoutes({ reservations, lifecycle })],
      on: {
        // Only adds the import to the queue: an import may have very many SKUs, and the worker counts them.
        'catalog.import.finished': ({ subject }, context) => imports.add(subject, context)
      }
    }
  }
})
