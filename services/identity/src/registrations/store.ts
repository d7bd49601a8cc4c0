import { type Clock, isSameSecret, newId, newSecret, newSecretId } from '@bulkhead/chassis/core'
import type { Db } from 'mongodb'
import { removeAll } from '../removal.ts'

/** An account that waits for the confirmation of its address. Its ID is chosen in advance, so that confirming twice creates one account. */
type Registration = {
  _id: string
  /** The ID of the account. */
  customer: string
  email: string
  code: string
  createdAt: Date
}

export type Registrations = {
  /**
   * Stores a registration and returns its ID. If too many registrations of the address wait, returns an ID and stores nothing, so that
   * nobody can flood a mailbox. Does not read the accounts, so neither the answer nor its time shows whether the address has one.
   */
  begin(email: string): Promise<string>
  /** Returns a registration; null if it is unknown or older than an hour. */
  byId(id: string): Promise<Registration | null>
  /** Like `byId`, but also returns null for a wrong code. */
  withCode(id: string, code: string): Promise<Registration | null>
  /** Removes the registrations of an account. */
  removeOf(customer: string): Promise<void>
  /** Removes registrations that were not confirmed in time. */
  sweep(): Promise<void>
}

/** How long a registration can be confirmed (ms). */
export const CONFIRM_MS = 3_600_000
/** Maximum number of registrations of one address that wait for their confirmation. */
export const MAX_REGISTRATIONS = 3

export async function registrationStore(db: Db, clock: Clock): Promise<Registrations> {
  const pending = db.collection<Registration>('pendingRegistrations')
  /**
   * The registrations of an earlier release. They are in a separate collection, because that release must not confirm new registrations,
   * which have no password.
   */
  const earlier = db.collection<Registration>('registrations')
  const collections = [pending, earlier]
  await pending.createIndex({ email: 1 })
  await pending.createIndex({ customer: 1 })
  await pending.createIndex({ createdAt: 1 })
  const oldest = () => new Date(clock.now().getTime() - CONFIRM_MS)

  async function byId(id: string) {
    const filter = { _id: id, createdAt: { $gt: oldest() } }
    return (await pending.findOne(filter)) ?? earlier.findOne(filter)
  }

  return {
    byId,

    async begin(email) {
      const registration: Registration = {
        _id: newSecretId('reg'),
        customer: newId('cus', clock),
        email,
        code: newSecret(),
        createdAt: clock.now()
      }
      const waiting = await pending.countDocuments({ email, createdAt: { $gt: oldest() } })
      if (waiting < MAX_REGISTRATIONS) await pending.insertOne(registration)
      return registration._id
    },

    async withCode(id, code) {
      const registration = await byId(id)
      return registration && isSameSecret(code, registration.code) ? registration : null
    },

    async removeOf(customer) {
      for (const collection of collections) await collection.deleteMany({ customer })
    },

    async sweep() {
      for (const collection of collections) await removeAll(collection, { createdAt: { $lt: oldest() } })
    }
  }
}
