import type { Trace } from '@bulkhead/chassis/contract'
import { type Clock, unavailable } from '@bulkhead/chassis/core'
import { isDuplicateKey } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'

/** An import of catalog's whose quantities are to be taken. `cursor` is of the next page. `gone`: catalog has it no more. */
export type CountingJob = Trace & {
  _id: string
  schemaVersion: 1
  state: 'waiting' | 'done' | 'gone'
  cursor?: string
  createdAt: Date
  finishedAt?: Date
}

/** Imports that wait at most: more stay in the event log. */
const QUEUE_LIMIT = 100
const RETRY_SECONDS = 10

export type CountingJobs = Awaited<ReturnType<typeof countingJobs>>

/** The imports whose quantities were or are to be taken; kept, so that none is taken again. */
export async function countingJobs(db: Db, clock: Clock) {
  const jobs = db.collection<CountingJob>('imports', { ignoreUndefined: true })
  await jobs.createIndex({ state: 1, _id: 1 })
  const waiting = () => jobs.countDocuments({ state: 'waiting' })

  return {
    waiting,

    /** Has an import wait; one that is known is left as it is. Throws a 503 while too many wait. */
    async add(_id: string, { traceparent }: Trace) {
      if ((await waiting()) >= QUEUE_LIMIT) throw unavailable('The queue of imports', RETRY_SECONDS)
      try {
        await jobs.insertOne({ _id, schemaVersion: 1, state: 'waiting', traceparent, createdAt: clock.now() })
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
      }
    },

    /** The oldest that waits: its ID tells when it was made. */
    next: () => jobs.findOne({ state: 'waiting' }, { sort: { _id: 1 } }),

    /** A page was taken; the next begins at `cursor`. */
    async save(_id: string, cursor: string) {
      await jobs.updateOne({ _id, state: 'waiting' }, { $set: { cursor } })
    },

    async end(_id: string, state: 'done' | 'gone') {
      await jobs.updateOne({ _id, state: 'waiting' }, { $set: { state, finishedAt: clock.now() } })
    }
  }
}
