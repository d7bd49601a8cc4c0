import { type Clock, type Context, found, newId } from '@bulkhead/chassis/core'
import type { Accounts } from '../accounts/store.ts'
import { hashPassword } from '../passwords/hash.ts'
import { checkNewPassword } from '../passwords/new-password.ts'
import type { Bounded, ClientNetwork } from '../passwords/queue.ts'
import type { Registrations } from './store.ts'

type Deps = { accounts: Accounts; registrations: Registrations; bounded: Bounded; clock: Clock }
type NewCredentials = { email: string; password: string }
type Confirmation = { id: string; code: string; password: string }

export type Registering = ReturnType<typeof registering>

/** How accounts are made: by their owner with a code from the mail, or by staff. */
export function registering({ accounts, registrations, bounded, clock }: Deps) {
  function hashOf({ email, password }: NewCredentials, client: ClientNetwork) {
    checkNewPassword(password, email)
    return bounded(client, () => hashPassword(password))
  }

  return {
    /** Gives an ID. It does not look at the accounts, so neither the answer nor its time tells whether the address has one. */
    begin: (email: string) => registrations.begin(email),

    /** What is to be mailed. */
    async toMail(id: string) {
      const { _id, email, code } = found(await registrations.byId(id))
      return { id: _id, email, code, known: (await accounts.byEmail(email)) !== undefined }
    },

    /** The account of a registration, made with this password unless it is there already: the first password stays. */
    async confirm({ id, code, password }: Confirmation, client: ClientNetwork, context: Context) {
      const { customer, email } = found(await registrations.withCode(id, code))
      const made = await accounts.byId(customer)
      if (made) return made
      const hash = await hashOf({ email, password }, client)
      return accounts.create({ id: customer, email, password: hash, epoch: 0, createdAt: clock.now() }, context)
    },

    async createStaff(given: NewCredentials, client: ClientNetwork, context: Context) {
      const account = { id: newId('stf', clock), email: given.email, epoch: 0, createdAt: clock.now() }
      return accounts.create({ ...account, password: await hashOf(given, client) }, context)
    }
  }
}
