import type { Trace } from '@bulkhead/chassis/contract'
import { type Clock, notFound } from '@bulkhead/chassis/core'
import type { AccountDocuments } from '../accounts/store.ts'
import type { Outcome } from './schemas.ts'
import { addReport, type Erasure, eraseAccount, isErased } from './tombstone.ts'

export type Erasures = {
  byId(id: string): Promise<Erasure | undefined>
  /** Erases an account and publishes the event, in one write. Throws a 404 for an account that never existed. */
  erase(id: string, erasedBy: string, trace: Trace): Promise<Erasure>
  /** Adds the report of a service. Throws a 404 for an account that was not erased. */
  report(id: string, service: string, outcome: Outcome, trace: Trace): Promise<void>
  /** Returns erasures that `service` has not reported yet. */
  unreported(service: string, limit: number): Promise<Erasure[]>
}

/** Opens the store of erasures. Each erasure replaces its account in the account's document. */
export async function erasureStore(documents: AccountDocuments, clock: Clock): Promise<Erasures> {
  await documents.collection.createIndex({ erasedAt: 1 }, { sparse: true })
  return {
    async byId(id) {
      const document = await documents.byId(id)
      return document && isErased(document) ? document : undefined
    },

    async erase(id, erasedBy, trace) {
      return (await documents.change(
        id,
        undefined,
        state => eraseAccount(state, erasedBy, clock.now()),
        trace
      )) as Erasure
    },

    async report(id, service, outcome, trace) {
      await documents.change(
        id,
        undefined,
        state => {
          if (!isErased(state)) throw notFound()
          return { state: addReport(state, { service, outcome, at: clock.now() }), events: [] }
        },
        trace
      )
    },

    async unreported(service, limit) {
      const waiting = documents.find({ erasedAt: { $exists: true }, 'reports.service': { $ne: service } })
      return (await waiting.limit(limit).toArray()) as Erasure[]
    }
  }
}
