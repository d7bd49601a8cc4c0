import { newTrace } from '@bulkhead/chassis/contract'
import { type Clock, releaseLease, repeat } from '@bulkhead/chassis/core'
import type { AppDeps } from '@bulkhead/chassis/http'
import { mongoLease } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Eraser } from './erasures/eraser.ts'
import type { KeyRing } from './keys/store.ts'

type Options = {
  keys: Pick<KeyRing, 'refresh' | 'rotate'>
  eraser: Pick<Eraser, 'finishAll'>
  /** Stores whose documents expire. */
  expiring: { sweep(): Promise<void> }[]
  db: Db
  clock: Clock
  log: AppDeps['log']
  intervalMs?: number | undefined
}

const INTERVAL_MS = 60_000
/** The name of the lease. Releases that run at the same time must use the same name. */
const LEASE = 'tending'

/**
 * Makes a worker that reads the signing keys repeatedly in each replica. One replica at a time, the holder of a lease, also rotates the
 * keys, finishes interrupted erasures and removes expired documents. It does no harm if two replicas do this at once.
 */
export function maintenance({ keys, eraser, expiring, db, clock, log, intervalMs = INTERVAL_MS }: Options) {
  const stopping = new AbortController()
  const lease = mongoLease(db, LEASE, 3 * intervalMs, clock)
  let running: Promise<unknown> = Promise.resolve()

  async function run() {
    await keys.refresh()
    if (!(await lease.hold())) return
    await keys.rotate()
    await eraser.finishAll(newTrace())
    for (const store of expiring) await store.sweep()
  }

  return {
    start() {
      running = repeat('The maintenance', run, () => intervalMs, { log, signal: stopping.signal })
    },
    async stop() {
      stopping.abort()
      await running
      await releaseLease(lease, 'the maintenance', log)
    }
  }
}
