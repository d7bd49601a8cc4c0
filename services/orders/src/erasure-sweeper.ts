import type { Clock } from '@bulkhead/chassis/clock'
import { giveUp, mongoLease } from '@bulkhead/chassis/leases'
import { repeat, sparing } from '@bulkhead/chassis/pacing'
import type { Db } from 'mongodb'
import type { Logger } from 'pino'
import type { Erasures } from './erasure.ts'

type Options = {
  db: Db
  erasures: Pick<Erasures, 'sweep'>
  logger: Logger
  clock: Clock
  times?: { sweep: number; lease: number }
}

/** Milliseconds: between two sweeps at least, and after which another replica sweeps in place of one that died. */
const TIMES = { sweep: 10_000, lease: 60_000 }

/** Looks for late orders of erased customers until it is stopped, one replica at a time. */
export function erasureSweeper({ db, erasures, logger, clock, times = TIMES }: Options) {
  const stopping = new AbortController()
  const { signal } = stopping
  const lease = mongoLease(db, 'erasures', times.lease, clock)
  const pace = sparing(times.sweep)
  const sweep = async () => {
    if (await lease.hold()) await pace.scanning(erasures.sweep)
  }
  const sweeping = repeat('The sweep of the erasures', sweep, pace.interval, { logger, signal })
  return {
    async stop() {
      stopping.abort()
      await sweeping
      await giveUp(lease, 'the sweep of the erasures', logger)
    }
  }
}
