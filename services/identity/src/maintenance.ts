import { type Clock, continueTrace, giveUp, repeat } from '@bulkhead/chassis/core'
import type { AppDeps } from '@bulkhead/chassis/http'
import { mongoLease } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Erasing } from './erasures/eraser.ts'
import type { KeyRing } from './keys/store.ts'
import { TENDING_MS } from './limits.ts'

type Options = {
  keys: Pick<KeyRing, 'refresh' | 'rotate'>
  erasing: Pick<Erasing, 'finishAll'>
  /** Stores with documents that expire. */
  swept: { sweep(): Promise<void> }[]
  db: Db
  clock: Clock
  log: AppDeps['log']
  every?: number | undefined
}

/**
 * A worker that looks after the stores: each replica reads the keys anew; one of them, by lease, rotates the keys, finishes erasures that a
 * kill left, and removes what is over. All of it bears being done twice.
 */
export function tending({ keys, erasing, swept, db, clock, log: logger, every = TENDING_MS }: Options) {
  const stopping = new AbortController()
  const lease = mongoLease(db, 'tending', 3 * every, clock)
  let running: Promise<unknown> = Promise.resolve()

  async function run() {
    await keys.refresh()
    if (!(await lease.hold())) return
    await keys.rotate()
    await erasing.finishAll({ traceparent: continueTrace(undefined) })
    for (const store of swept) await store.sweep()
  }

  return {
    start() {
      running = repeat('Tending keys and sessions', run, () => every, { logger, signal: stopping.signal })
    },
    async stop() {
      stopping.abort()
      await running
      await giveUp(lease, 'tending', logger)
    }
  }
}
