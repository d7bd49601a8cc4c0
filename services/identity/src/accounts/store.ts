import type { Trace } from '@bulkhead/chassis/contract'
import { type Clock, notFound } from '@bulkhead/chassis/core'
import {
  type Aggregates,
  aggregates,
  isDuplicateKey,
  type MongoOutbox,
  refuseTaken,
  type Versioned
} from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { type Erasure, isErased } from '../erasures/tombstone.ts'
import type { Account } from './schemas.ts'

/** The documents of all accounts. The erasure of an account replaces the account in its document. */
export type AccountDocuments = Aggregates<Account | Erasure>

/** The fields of an account that its creator chooses. */
type NewAccount = Pick<Account, 'id' | 'email' | 'password'>

export type Accounts = {
  byId(id: string): Promise<Versioned<Account> | undefined>
  byEmail(email: string): Promise<Versioned<Account> | undefined>
  /**
   * Creates an account. Throws a 409 if the address already has one. If an account with the same ID exists, returns it unchanged; throws a
   * 404 if it was erased in the meantime.
   */
  create(account: NewAccount, trace: Trace): Promise<Versioned<Account>>
  /** Sets the password of an account. Throws a 404 for an unknown account. */
  setPassword(id: string, password: string, trace: Trace): Promise<void>
  /** Ends all sessions that began earlier, in one write. Throws a 404 for an unknown account. */
  signOutEverywhere(id: string, trace: Trace): Promise<void>
}

export const accountDocuments = (db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock): AccountDocuments =>
  aggregates({ db, collection: 'accounts', schemaVersion: 1, outbox, clock })

const refuseTakenAddress = refuseTaken({
  email: { type: 'address-taken', title: 'The address has an account', pointer: '/body/email' }
})

/** Opens the store of the accounts of customers and staff. It does not find erased accounts. */
export async function accountStore(documents: AccountDocuments, clock: Clock): Promise<Accounts> {
  await documents.collection.createIndex({ email: 1 }, { unique: true, sparse: true })

  async function change(id: string, edit: (account: Account) => Account, trace: Trace) {
    const rule = (state: Account | Erasure) => ({ state: isErased(state) ? state : edit(state), events: [] })
    await documents.change(id, undefined, rule, trace)
  }

  return {
    async byId(id) {
      const document = await documents.byId(id)
      return document && !isErased(document) ? document : undefined
    },

    async byEmail(email) {
      const [document] = await documents.find({ email }).limit(1).toArray()
      return document && !isErased(document) ? document : undefined
    },

    async create(fields, trace) {
      const account: Account = { ...fields, epoch: 0, createdAt: clock.now() }
      try {
        return (await documents.insert(account, [], trace)) as Versioned<Account>
      } catch (error) {
        const existing = isDuplicateKey(error) ? await documents.byId(account.id) : null
        if (!existing) return refuseTakenAddress(error)
        if (isErased(existing)) throw notFound()
        return existing
      }
    },

    setPassword: (id, password, trace) => change(id, account => ({ ...account, password }), trace),

    signOutEverywhere: (id, trace) => change(id, account => ({ ...account, epoch: account.epoch + 1 }), trace)
  }
}
