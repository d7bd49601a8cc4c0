import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@bulkhead/chassis/clock'
import { newId, newSecretId } from '@bulkhead/chassis/ids'
import type { Db } from 'mongodb'
import { CONFIRM_MS, MOST_REGISTRATIONS } from './limits.ts'
import { removeAll } from './removal.ts'

/** An account that is asked for, until its address is confirmed. Its ID is chosen already, so that confirming twice makes one account. */
type Registration = {
  _id: string
  customer: string
  email: string
  /** A PHC string. */
  password: string
  code: string
  createdAt: Date
}

export type Registrations = ReturnType<typeof registrationStore>

const CODE_BYTES = 16

/** Registrations that wait for their code. They know nothing of accounts: so asking tells nobody whether there is one. */
export function registrationStore(db: Db, clock: Clock) {
  const all = db.collection<Registration>('registrations')
  const oldest = () => new Date(clock.now().getTime() - CONFIRM_MS)

  const byId = (id: string) => all.findOne({ _id: id, createdAt: { $gt: oldest() } })

  return {
    byId,

    async index() {
      await all.createIndex({ email: 1 })
      await all.createIndex({ customer: 1 })
      await all.createIndex({ createdAt: 1 })
    },

    /** Notes a registration and gives its ID. Where too many of the address wait it notes none, and says the same: no mailbox is flooded. */
    async begin(email: string, password: string): Promise<string> {
      const id = newSecretId('reg')
      const code = randomBytes(CODE_BYTES).toString('base64url')
      const waiting = await all.countDocuments({ email, createdAt: { $gt: oldest() } })
      const registration = { _id: id, customer: newId('cus', clock), email, password, code, createdAt: clock.now() }
      if (waiting < MOST_REGISTRATIONS) await all.insertOne(registration)
      return id
    },

    /** The registration whose code it is; null for any other, and when it is over. */
    async withCode(id: string, code: string) {
      const found = await byId(id)
      return found && isSame(code, found.code) ? found : null
    },

    /** Forgets what an account was made from. */
    async removeOf(customer: string) {
      await all.deleteMany({ customer })
    },

    sweep: () => removeAll(all, { createdAt: { $lt: oldest() } })
  }
}

function isSame(given: string, expected: string) {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
