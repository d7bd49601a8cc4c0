import { type PendingEvent, pendingEvent, type Trace } from '@bulkhead/chassis/contract'
import { type Clock, newId, unavailable } from '@bulkhead/chassis/core'
import type { MongoOutbox } from '@bulkhead/chassis/mongo'
import type { Db, Filter } from 'mongodb'
import { importFinished } from './events.ts'
import type { ImportError } from './schemas.ts'

/** What an import did so far; saved after each batch. `entries` are those of the reader that are done with. */
export type Progress = {
  entries: number
  bytesRead: number
  rows: number
  refusedRows: number
  created: number
  changed: number
  unchanged: number
  errorCount: number
  stockDocuments: number
}

/** What comes to an import with a batch; `more` are its errors. */
type Step = { progress: Progress; unknownColumns: string[]; more: ImportError[] }

/** An import as it is stored. While `uploading` nobody was told of it. `chunks` of its file are there until it is over. */
export type ImportJob = Trace & {
  _id: string
  schemaVersion: 1
  state: 'uploading' | 'running' | 'done' | 'failed'
  reason?: string
  currency: string
  family?: string
  createdAt: Date
  finishedAt?: Date
  bytes: number
  chunks: number
  /** How often it was started since it last got on. */
  attempts: number
  progress: Progress
  /** Names of columns of the file that its format does not have. */
  unknownColumns?: string[]
  errors: ImportError[]
  /** The event that it is over, until it is published. */
  outbox?: PendingEvent[]
}

/** An import whose file is here. */
export type KnownImport = ImportJob & { state: Exclude<ImportJob['state'], 'uploading'> }

/** Imports that wait, run or are sent at a time. */
const QUEUE_LIMIT = 20
const RETRY_SECONDS = 10
const MOST_ERRORS = 1000

const nothingYet: Progress = {
  ...{ entries: 0, bytesRead: 0, rows: 0, refusedRows: 0 },
  ...{ created: 0, changed: 0, unchanged: 0, errorCount: 0, stockDocuments: 0 }
}

export type ImportJobs = Awaited<ReturnType<typeof importJobs>>

/** The imports as jobs: each one document, with the event of its end. */
export async function importJobs(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock) {
  const jobs = db.collection<ImportJob>('imports', { ignoreUndefined: true })
  const { wrote } = outbox.watch(jobs as unknown as Parameters<MongoOutbox['watch']>[0])
  await jobs.createIndex({ state: 1, finishedAt: 1 })
  const isWaiting: Filter<ImportJob> = { state: { $in: ['uploading', 'running'] } }
  const waiting = () => jobs.countDocuments(isWaiting)

  return {
    waiting,

    /** Makes a job whose file is still to come. Throws a 503 while too many wait. */
    async open(order: Trace & { currency: string; family?: string | undefined }): Promise<string> {
      const _id = newId('imp', clock)
      await jobs.insertOne({
        ...{ _id, schemaVersion: 1, state: 'uploading', createdAt: clock.now(), bytes: 0, chunks: 0, attempts: 0 },
        ...(order as Trace & { currency: string; family?: string }),
        progress: nothingYet,
        errors: []
      })
      // Counted when its own is in: of two that come at once, none goes over the limit.
      if ((await waiting()) <= QUEUE_LIMIT) return _id
      await jobs.deleteOne({ _id })
      throw unavailable('The queue of imports', RETRY_SECONDS)
    },

    /** Its file is whole: from now on it is not lost. Throws a 503 where a sweep took it for abandoned. */
    async enqueue(_id: string, size: { bytes: number; chunks: number }) {
      const { matchedCount } = await jobs.updateOne(
        { _id, state: 'uploading' },
        { $set: { ...size, state: 'running' } }
      )
      if (matchedCount === 0) throw unavailable('The import', RETRY_SECONDS)
    },

    /** Makes an upload one that is over and to be removed, with up to `chunks` of its file. False where it is no upload any more. */
    async abandon(_id: string, chunks: number) {
      const over = { state: 'failed' as const, finishedAt: new Date(0), chunks }
      return (await jobs.updateOne({ _id, state: 'uploading' }, { $set: over })).matchedCount === 1
    },

    byId: (_id: string) => jobs.findOne<KnownImport>({ _id, state: { $ne: 'uploading' } }),

    /** Up to `limit` jobs without their errors, latest first, from before the job `before` on. */
    page: (before: string | undefined, limit: number) =>
      jobs
        .find({ state: { $ne: 'uploading' }, ...(before !== undefined && { _id: { $lt: before } }) })
        .project<Omit<KnownImport, 'errors'>>({ errors: 0 })
        .sort({ _id: -1 })
        .limit(limit)
        .toArray(),

    /** The oldest job that is to be worked on. */
    async oldest(): Promise<string | undefined> {
      const running = { state: 'running' as const }
      return (await jobs.findOne(running, { sort: { _id: 1 }, projection: { _id: 1 } }))?._id
    },

    /** The job, counted as started once more; null when it is over. */
    start: (_id: string) =>
      jobs.findOneAndUpdate({ _id, state: 'running' }, { $inc: { attempts: 1 } }, { returnDocument: 'after' }),

    /** Saves how far a job is and returns its errors then; undefined when it is not where it was: somebody else works on it. */
    async save({ _id, errors, progress: before }: ImportJob, { progress, unknownColumns, more }: Step) {
      const kept = more.slice(0, Math.max(0, MOST_ERRORS - errors.length))
      const { matchedCount } = await jobs.updateOne(
        { _id, state: 'running', 'progress.entries': before.entries },
        {
          $set: { progress, unknownColumns, attempts: 0 },
          ...(kept.length > 0 && { $push: { errors: { $each: kept } } })
        }
      )
      return matchedCount === 1 ? [...errors, ...kept] : undefined
    },

    /** Ends a job, as failed where there is a reason, and has that published. */
    async end({ _id, traceparent }: Pick<ImportJob, '_id' | 'traceparent'>, reason?: string, error?: ImportError) {
      const finishedAt = clock.now()
      const event = pendingEvent(importFinished, 1, finishedAt, { traceparent })
      const { matchedCount } = await jobs.updateOne(
        { _id, state: 'running' },
        {
          $set: { state: reason === undefined ? 'done' : 'failed', finishedAt, reason },
          $push: { outbox: event, ...(error && { errors: error }) },
          ...(error && { $inc: { 'progress.errorCount': 1 } })
        }
      )
      if (matchedCount === 1) wrote(_id, [event])
    },

    /** The chunks of its file are gone. */
    async emptied(_id: string) {
      await jobs.updateOne({ _id }, { $set: { chunks: 0 } })
    },

    remove: (_id: string) => jobs.deleteOne({ _id }),

    /** What a sweep is to see to: uploads that began before `abandoned`, jobs over before `kept`, files of jobs that are over. */
    toSweep: (abandoned: Date, kept: Date, limit: number) =>
      jobs
        .find({
          $or: [
            { state: 'uploading', createdAt: { $lt: abandoned } },
            { state: { $in: ['done', 'failed'] }, finishedAt: { $lt: kept } },
            { state: { $in: ['done', 'failed'] }, chunks: { $gt: 0 } }
          ]
        })
        .project<Omit<ImportJob, 'errors'>>({ errors: 0 })
        .limit(limit)
        .toArray()
  }
}
