import type { Trace } from '@bulkhead/chassis/contract'
import { type Clock, notFound } from '@bulkhead/chassis/core'
import { aggregates, isDuplicateKey, type MongoOutbox, refuseTaken, type Versioned } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { type Erasure, erased, isErased, reported } from '../erasures/tombstone.ts'
import type { Outcome } from './schemas.ts'

/** Who may sign in. `cus_...` is a customer, `stf_...` a member of staff. */
export type Account = {
  id: string
  email: string
  /** A PHC string. */
  password: string
  /** How often it was signed out everywhere. */
  epoch: number
  createdAt: Date
}

export type Accounts = ReturnType<typeof accountStore>

/** What a person is, by the ID of the account. */
export const roleOf = (id: string) => (id.startsWith('stf_') ? 'staff' : 'customer')

const refuseTakenAddress = refuseTaken({
  email: { type: 'address-taken', title: 'The address has an account', pointer: '/body/email' }
})

/** The accounts, each a document. One that was erased is an `Erasure` in its place, in one write. */
export function accountStore(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock) {
  const all = aggregates<Account | Erasure>({ db, collection: 'accounts', schemaVersion: 1, outbox, clock })

  async function byId(id: string): Promise<Versioned<Account> | undefined> {
    const found = await all.byId(id)
    return found && !isErased(found) ? (found as Versioned<Account>) : undefined
  }

  async function erasureOf(id: string): Promise<Erasure | undefined> {
    const found = await all.byId(id)
    return found && isErased(found) ? found : undefined
  }

  async function change(id: string, rule: (account: Account) => Account, trace: Trace) {
    await all.change(id, undefined, state => ({ state: isErased(state) ? state : rule(state), events: [] }), trace)
  }

  return {
    byId,
    erasureOf,

    async index() {
      await all.collection.createIndex({ email: 1 }, { unique: true, sparse: true })
      await all.collection.createIndex({ erasedAt: 1 }, { sparse: true })
    },

    async byEmail(email: string): Promise<Versioned<Account> | undefined> {
      const [found] = await all.find({ email }).limit(1).toArray()
      return found as Versioned<Account> | undefined
    },

    /** Makes an account. 409 where the address has one. Who makes the same again gets what is there; a 404 where that was erased. */
    async create(account: Account, trace: Trace): Promise<Versioned<Account>> {
      try {
        return (await all.insert(account, [], trace)) as Versioned<Account>
      } catch (error) {
        const made = isDuplicateKey(error) ? await all.byId(account.id) : null
        if (!made) return refuseTakenAddress(error)
        if (isErased(made)) throw notFound()
        return made as Versioned<Account>
      }
    },

    setPassword: (id: string, password: string, trace: Trace) =>
      change(id, account => ({ ...account, password }), trace),

    /** Puts an end to all sessions that began before, in one write. */
    signOutEverywhere: (id: string, trace: Trace) =>
      change(id, account => ({ ...account, epoch: account.epoch + 1 }), trace),

    /** Erases an account, with the event that has every service do so. 404 where there never was one. */
    async erase(id: string, by: string, trace: Trace): Promise<Erasure> {
      return (await all.change(id, undefined, state => erased(state, by, clock.now()), trace)) as Erasure
    },

    /** Notes the report of a service. 404 where there is no such erasure. */
    async report(id: string, service: string, outcome: Outcome, trace: Trace) {
      await all.change(
        id,
        undefined,
        state => {
          if (!isErased(state)) throw notFound()
          return { state: reported(state, { service, outcome, at: clock.now() }), events: [] }
        },
        trace
      )
    },

    /** Erasures of which `service` has not reported yet. */
    async unreported(service: string, limit: number): Promise<Erasure[]> {
      const open = all.find({ erasedAt: { $exists: true }, 'reports.service': { $ne: service } })
      return (await open.limit(limit).toArray()) as Erasure[]
    }
  }
}
