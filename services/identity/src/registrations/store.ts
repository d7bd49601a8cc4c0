import { randomBytes, timingSafeEqual } from 'node:crypto'
import { type Clock, newId, newSecretId } from '@bulkhead/chassis/core'
import type { Db } from 'mongodb'
import { CONFIRM_MS, MOST_REGISTRATIONS } from '../limits.ts'
import { removeAll } from '../removal.ts'

/** A wish for an account, until its address is confirmed. The account's ID is chosen already, so that confirming twice makes one account. */
type Registration = {
  _id: string
  customer: string
  email: string
  code: string
  createdAt: Date
}

export type Registrations = ReturnType<typeof registrationStore>

const CODE_BYTES = 16

/** Registrations that wait for their code. They know nothing of accounts, so that asking tells nobody whether there is one. */
export function registrationStore(db: Db, clock: Clock) {
  const all = db.collection<Registration>('pendingRegistrations')
  /**
   * Those that an earlier release stored, each with the hash of a password, which is not used. A replica of that release must not confirm
   * ours: it would make an account without a password.
   */
  const earlier = db.collection<Registration>('registrations')
  const oldest = () => new Date(clock.now().getTime() - CONFIRM_MS)

  async function byId(id: string): Promise<Registration | null> {
    const waiting = { _id: id, createdAt: { $gt: oldest() } }
    return (await all.findOne(waiting)) ?? earlier.findOne(waiting)
  }

  return {
    byId,

    async index() {
      await all.createIndex({ email: 1 })
      await all.createIndex({ customer: 1 })
      await all.createIndex({ createdAt: 1 })
    },

    /** Notes a registration and gives its ID. If too many of the address wait, it gives an ID and notes nothing: no mailbox is flooded. */
    async begin(email: string): Promise<string> {
      const id = newSecretId('reg')
      const code = randomBytes(CODE_BYTES).toString('base64url')
      const waiting = await all.countDocuments({ email, createdAt: { $gt: oldest() } })
      const registration = { _id: id, customer: newId('cus', clock), email, code, createdAt: clock.now() }
      if (waiting < MOST_REGISTRATIONS) await all.insertOne(registration)
      return id
    },

    /** The registration if the code is its own; null for another code, and when it is over. */
    async withCode(id: string, code: string) {
      const found = await byId(id)
      return found && isSame(code, found.code) ? found : null
    },

    /** Forgets what an account was made from. */
    async removeOf(customer: string) {
      for (const collection of [all, earlier]) await collection.deleteMany({ customer })
    },

    async sweep() {
      for (const collection of [all, earlier]) await removeAll(collection, { createdAt: { $lt: oldest() } })
    }
  }
}

function isSame(given: string, expected: string) {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
