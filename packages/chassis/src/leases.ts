import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Db } from 'mongodb'
import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import { scriptOf } from './redis.ts'
import { standstill } from './standstill.ts'
import { isDuplicateKey } from './unique-keys.ts'

/**
 * The right to do a piece of background work alone among the replicas of a service. For a moment two may think they have
 * it (clocks apart, a process that was stopped), so the work itself must bear being done twice.
 */
export type Lease = {
  /** Takes the lease, or prolongs it where this holder has it already. False while another holds it. */
  hold(): Promise<boolean>
  /** Gives the lease up, so that another replica takes over at once. */
  release(): Promise<void>
}

/** Gives a lease up as work ends. Where that fails it runs out by itself, which is logged and no error. `what` is what it guards. */
export const giveUp = (lease: Lease, what: string, logger: Logger): Promise<void> =>
  lease.release().catch(error => logger.warn({ err: error }, `The lease of ${what} runs out by itself`))

/**
 * A lease in the collection `leases` of a service's own database, for `milliseconds` from each `hold()`. To be asked for again and again
 * by the same object: it is also taken from a holder that has not prolonged it for so long since this replica first saw that, whose
 * clock was ahead when it died. By comparing `until` with our own clock alone, replicas whose clocks are apart would take a lease from
 * each other for ever; so a holder that lives and a replica that is behind leave each other in peace.
 */
export function mongoLease(db: Db, name: string, milliseconds: number, clock: Clock): Lease {
  const leases = db.collection<{ _id: string; holder: string; until: Date }>('leases')
  const holder = randomUUID()
  const standing = standstill(milliseconds)
  const mine = () => ({ $set: { holder, until: new Date(clock.now().getTime() + milliseconds) } })

  async function takeFree() {
    try {
      const free = { _id: name, $or: [{ holder }, { until: { $lte: clock.now() } }] }
      await leases.updateOne(free, mine(), { upsert: true })
      return true
    } catch (error) {
      if (isDuplicateKey(error)) return false // held by another
      throw error
    }
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

/** Works in a full store too: what has the lease may be what makes room. */
const hold = scriptOf(
  'frees',
  `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`
)

const release = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`

/** A lease in a service's own Redis under `key`, for `milliseconds` from each `hold()`. */
export function redisLease(redis: Redis, key: string, milliseconds: number): Lease {
  const holder = randomUUID()
  return {
    hold: async () => (await redis.eval(hold, 1, key, holder, milliseconds)) === 1,
    async release() {
      await redis.eval(release, 1, key, holder)
    }
  }
}
