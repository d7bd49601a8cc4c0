import { randomUUID } from 'node:crypto'
import type { Db } from 'mongodb'
import { type Clock, type Lease, standstillDetector } from '../core/index.ts'
import { tryInsert } from './unique-keys.ts'

/**
 * A lease in the collection `leases` of a service's own database, for `milliseconds` from each `hold()`. To be asked for again and again
 * by the same object: it is also taken from a holder that has not prolonged it for so long since this replica first saw that, whose
 * clock was ahead when it died. By comparing `until` with our own clock alone, replicas whose clocks are apart would take a lease from
 * each other for ever; so a holder that lives and a replica that is behind leave each other in peace.
 */
export function mongoLease(db: Db, name: string, milliseconds: number, clock: Clock): Lease {
  const leases = db.collection<{ _id: string; holder: string; until: Date }>('leases')
  const holder = randomUUID()
  const standing = standstillDetector(milliseconds)
  const mine = () => ({ $set: { holder, until: new Date(clock.now().getTime() + milliseconds) } })

  async function takeFree() {
    const free = { _id: name, $or: [{ holder }, { until: { $lte: clock.now() } }] }
    // If another replica holds the lease, nothing matches, and the insertion finds the ID taken.
    return tryInsert(leases.updateOne(free, mine(), { upsert: true }))
  }

  async function takeAbandoned() {
    const theirs = await leases.findOne({ _id: name })
    const states = new Map(theirs ? [[name, `${theirs.holder} ${theirs.until.getTime()}`]] : [])
    if (!theirs || standing(states).length === 0) return false
    return (await leases.updateOne(theirs, mine())).matchedCount === 1
  }

  return {
    hold: async () => (await takeFree()) || (await takeAbandoned()),
    async release() {
      await leases.deleteOne({ _id: name, holder })
    }
  }
}
