import type { Clock } from '@bulkhead/chassis/clock'
import { giveUp, mongoLease } from '@bulkhead/chassis/leases'
import { repeat, sparing } from '@bulkhead/chassis/pacing'
import type { Db } from 'mongodb'
import type { Logger } from 'pino'
import type { Inventory } from '../inventory.ts'
import { sweepReservations } from './sweep.ts'

type Options = { db: Db; inventory: Inventory; logger: Logger; clock: Clock; times?: { sweep: number; lease: number } }

/** Milliseconds: between two sweeps at least, and after which another replica sweeps in place of one that died. */
const TIMES = { sweep: 10_000, lease: 60_000 }

/** Sweeps until it is stopped, one replica at a time. */
export function reservationSweeper({ db, inventory, logger, clock, times = TIMES }: Options) {
  const stopping = new AbortController()
  const lease = mongoLease(db, 'reservations', times.lease, clock)
  const pace = sparing(times.sweep)
  const sweep = async () => {
    if (await lease.hold()) await pace.scanning(() => sweepReservations(inventory))
  }
  const sweeping = repeat('The sweep of the reservations', sweep, pace.interval, {
    logger,
    signal: stopping.signal
  })
  return {
    async stop() {
      stopping.abort()
      await sweeping
      await giveUp(lease, 'the sweep', logger)
    }
  }
}
