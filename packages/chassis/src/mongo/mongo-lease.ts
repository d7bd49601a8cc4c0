import { randomUUID } from 'node:crypto'
import type { Db } from 'mongodb'
import { type Clock, type Lease, standstillDetector } from '../core/index.ts'
import { tryInsert } from './unique-keys.ts'

/**
 * Creates a lease in the collection `leases` of a service's own database. It expires `milliseconds` after each `hold()`. Call `hold()`
 * again and again on the same object: it also takes over a lease that this replica has not seen renewed for `milliseconds`. So a holder
 * that died while its clock was ahead does not keep the lease, and replicas with different clocks do not take it from each other.
 */
export function mongoLease(db: Db, name: string, milliseconds: number, clock: Clock): Lease {
  const leases = db.collection<{ _id: string; holder: string; until: Date }>('leases')
  const holder = randomUUID()
  const findUnchanged = standstillDetector(milliseconds)
  const ownHold = () => ({ $set: { holder, until: new Date(clock.now().getTime() + milliseconds) } })

  async function takeFree() {
    const free = { _id: name, $or: [{ holder }, { until: { $lte: clock.now() } }] }
    // If another replica holds the lease, nothing matches, and the insertion fails because the ID is taken.
    return tryInsert(leases.updateOne(free, ownHold(), { upsert: true }))
  }

  async function takeAbandoned() {
    const lease = await leases.findOne({ _id: name })
    const states = new Map(lease ? [[name, `${lease.holder} ${lease.until.getTime()}`]] : [])
    if (!lease || findUnchanged(states).length === 0) return false
    return (await leases.updateOne(lease, ownHold())).matchedCount === 1
  }

  return {
    hold: async () => (await takeFree()) || (await takeAbandoned()),
    async release() {
      await leases.deleteOne({ _id: name, holder })
    }
  }
}
