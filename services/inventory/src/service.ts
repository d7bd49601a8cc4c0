import { sweeper } from '@bulkhead/chassis/mongo'
import { defineService, mongoStore } from '@bulkhead/chassis/service'
import * as z from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { catalogNeeds } from './clients/catalog.ts'
import { countingJobs } from './imports/jobs.ts'
import { countingWorker, type WorkerTimes } from './imports/worker.ts'
import { inventoryMetrics } from './metrics.ts'
import { reservationHolds } from './reservations/holds.ts'
import { reservationOperations } from './reservations/operations.ts'
import { reservations as openReservations, recentlyHeld } from './reservations/reservations.ts'
import { reservationRoutes } from './reservations/routes.ts'
import { reservationStore } from './reservations/store.ts'
import { sweepReservations } from './reservations/sweep.ts'
import { adjustmentHistory } from './stock/history.ts'
import { stockOperations } from './stock/operations.ts'
import { stockRoutes } from './stock/routes.ts'
import { stockStore } from './stock/store.ts'

const config = z.object({
  /** Far longer than an order lives, even with clocks ten minutes apart. */
  HOLD_MINUTES: z.coerce.number().int().min(1).max(1_440).default(60),
  /** Unpaid holds of one SKU that one network may have. */
  HOLDS_PER_NETWORK: z.coerce.number().int().min(1).max(1_000_000).default(20),
  /** Percent of a SKU's pieces on hand that one network may hold unpaid, where there are more than 10 pieces. */
  HOLDS_NETWORK_PERCENT: z.coerce.number().int().min(1).max(100).default(10)
})

/** For tests: without workers they sweep and count by themselves. */
type Settings = { hasWorkers?: boolean; importTimes?: WorkerTimes }

export const inventory = defineService({
  manifest,
  config,
  store: mongoStore(),
  operations: [...stockOperations, ...reservationOperations],
  needs: [catalogNeeds],
  handles: ['catalog.import.finished'],
  async start({ db, config, clients, background, clock, log, registry, at }, settings: Settings = {}) {
    const { hasWorkers = true, importTimes } = settings
    const stores = {
      stock: stockStore(db),
      history: await adjustmentHistory(db),
      books: await reservationStore(db),
      jobs: await countingJobs(db, clock)
    }
    const { stock, history, books, jobs } = stores
    const metrics = inventoryMetrics(registry, log, { held: books.countHeld, waiting: jobs.waiting })
    const { reservation: count, full, mended, counted } = metrics
    const networkLimits = { holds: config.HOLDS_PER_NETWORK, percent: config.HOLDS_NETWORK_PERCENT }
    const holds = reservationHolds({ stock, clock, networkLimits, full })
    const life = config.HOLD_MINUTES * 60_000
    const reservations = openReservations({ books, holds, lately: recentlyHeld(), clock, life, count })
    const sweep = () => sweepReservations({ stock, books, holds, reservations, mended })
    if (hasWorkers) {
      background.add(sweeper({ db, name: 'reservations', sweep, logger: log, clock }))
      background.add(
        countingWorker({
          db,
          inventory: { ...stores, counted },
          catalog: clients.catalog,
          clock,
          logger: log,
          at,
          times: importTimes
        })
      )
    }
    return {
      ...stores,
      reservations,
      sweep,
      routes: [stockRoutes({ stock, history, clock }), reservationRoutes({ books, reservations })],
      on: {
        // Only noted here, and counted in the background: an import may have very many SKUs.
        'catalog.import.finished': ({ subject }, context) => jobs.add(subject, context)
      }
    }
  }
})
