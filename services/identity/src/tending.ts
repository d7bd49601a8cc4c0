import { type Background, type Clock, continueTrace, giveUp, repeat } from '@bulkhead/chassis/core'
import { mongoLease } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Identity } from './identity.ts'
import { TENDING_MS } from './limits.ts'

type Tended = Pick<Identity, 'keys' | 'registrations' | 'sessions' | 'attempts' | 'erasing'>

/**
 * What goes on in the background until `signal` aborts: each replica reads the keys anew; one of them, by lease, rotates the keys, finishes
 * erasures that a kill left, and removes what is over. All of it bears being done twice.
 */
export async function tend(tended: Tended, db: Db, clock: Clock, background: Background, every = TENDING_MS) {
  const { keys, registrations, sessions, attempts, erasing } = tended
  const lease = mongoLease(db, 'tending', 3 * every, clock)
  async function run() {
    await keys.refresh()
    if (!(await lease.hold())) return
    await keys.rotate()
    await erasing.finishAll({ traceparent: continueTrace(undefined) })
    for (const store of [registrations, sessions, attempts]) await store.sweep()
  }
  await repeat('Tending keys and sessions', run, () => every, background)
  await giveUp(lease, 'tending', background.logger)
}
