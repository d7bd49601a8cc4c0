import type { Db } from 'mongodb'
import type { Logger } from 'pino'
import { adaptivePace, type Clock, releaseLease, repeat } from '../core/index.ts'
import { mongoLease } from './mongo-lease.ts'

type Options = {
  db: Db
  /** Of what is swept, such as `reservations`: that of its lease, and of its lines in the log. */
  name: string
  /** It must bear being done twice at once. */
  sweep: () => Promise<unknown>
  log: Logger
  clock: Clock
  times?: SweeperTimes | undefined
}

/** Milliseconds: between two sweeps at least, and after which another replica sweeps in place of one that died. */
type SweeperTimes = { sweep: number; lease: number }

const TIMES: SweeperTimes = { sweep: 10_000, lease: 60_000 }

/** Sweeps until it is stopped, one replica at a time, and more seldom where that takes long. */
export function sweeper({ db, name, sweep, log, clock, times = TIMES }: Options) {
  const stopping = new AbortController()
  const { signal } = stopping
  const lease = mongoLease(db, name, times.lease, clock)
  const pace = adaptivePace(times.sweep)
  const sweepWithLease = async () => {
    if (await lease.hold()) await pace.measure(sweep)
  }
  const sweeping = repeat(`The sweep of the ${name}`, sweepWithLease, pace.interval, { log, signal })
  return {
    async stop() {
      stopping.abort()
      await sweeping
      await releaseLease(lease, `the sweep of the ${name}`, log)
    }
  }
}
