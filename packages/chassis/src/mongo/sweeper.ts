import type { Db } from 'mongodb'
import type { Logger } from 'pino'
import { adaptivePace, type Clock, releaseLease, repeat } from '../core/index.ts'
import { mongoLease } from './mongo-lease.ts'

type Options = {
  db: Db
  /** Names the swept things, such as `reservations`, in the sweeper's lease and its log lines. */
  name: string
  /** The work of one sweep. It must be safe if two replicas do it at once. */
  sweep: () => Promise<unknown>
  log: Logger
  clock: Clock
  times?: SweeperTimes | undefined
}

/**
 * Times in milliseconds. `sweep` is the minimum time between two sweeps. After `lease`, another replica takes over from a replica that
 * died.
 */
type SweeperTimes = { sweep: number; lease: number }

const TIMES: SweeperTimes = { sweep: 10_000, lease: 60_000 }

/** A worker that sweeps regularly, for `background.add`. */
type Sweeper = {
  start(): void
  /** Waits for the running sweep, and releases the lease. */
  stop(): Promise<void>
}

/** Creates a worker that sweeps on one replica at a time, and less often if a sweep takes long. */
export function sweeper({ db, name, sweep, log, clock, times = TIMES }: Options): Sweeper {
  const stopping = new AbortController()
  const { signal } = stopping
  const lease = mongoLease(db, name, times.lease, clock)
  const pace = adaptivePace(times.sweep)
  let sweeping: Promise<void> | undefined
  const sweepWithLease = async () => {
    if (await lease.hold()) await pace.measure(sweep)
  }
  return {
    start() {
      sweeping = repeat(`The sweep of the ${name}`, sweepWithLease, pace.interval, { log, signal })
    },
    async stop() {
      stopping.abort()
      await sweeping
      await releaseLease(lease, `the sweep of the ${name}`, log)
    }
  }
}
