import type { Clock } from '@bulkhead/chassis/core'
import type { Db } from 'mongodb'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { countingJobs } from './imports/jobs.ts'
import { inventoryMetrics } from './metrics.ts'
import { reservationHolds } from './reservations/holds.ts'
import type { NetworkLimits } from './reservations/refusals.ts'
import { recentlyHeld, reservations } from './reservations/reservations.ts'
import { reservationStore } from './reservations/store.ts'
import { adjustmentHistory } from './stock/history.ts'
import { stockStore } from './stock/store.ts'

type Options = {
  db: Db
  clock: Clock
  log: Logger
  registry: Registry
  /** Milliseconds that a reservation is held at most. */
  life: number
  networkLimits: NetworkLimits
}

export type Inventory = Awaited<ReturnType<typeof inventory>>

/** What inventory keeps and does, on its store. */
export async function inventory({ db, clock, log, registry, life, networkLimits }: Options) {
  const stores = {
    stock: stockStore(db),
    history: await adjustmentHistory(db),
    books: await reservationStore(db),
    jobs: await countingJobs(db, clock)
  }
  const metrics = inventoryMetrics(registry, log, { held: stores.books.countHeld, waiting: stores.jobs.waiting })
  const { reservation: count, full, mended, counted } = metrics
  const holds = reservationHolds({ stock: stores.stock, clock, networkLimits, full })
  const lately = recentlyHeld()
  return {
    ...stores,
    holds,
    reservations: reservations({ ...stores, holds, lately, clock, life, count }),
    mended,
    counted
  }
}
