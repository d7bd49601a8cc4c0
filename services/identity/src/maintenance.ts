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
  /** Stores with documents that expire. */
  expiring: { sweep(): Promise<void> }[]
  db: Db
  clock: Clock
  log: AppDeps['log']
  intervalMs?: number | undefined
}

const INTERVAL_MS = 60_000
/** Releases that run at the same time must use the same lease. */
const LEASE = 'tending'

/**
 * A worker: each replica reads the signing keys again and again. One of them, by lease, also rotates the keys, finishes interrupted erasures
 * and removes expired documents. Two replicas may do so at once without harm.
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
