import { type PendingEvent, pendingEvent, type Trace } from '@bulkhead/chassis/contract'
import { type Clock, newId, unavailable } from '@bulkhead/chassis/core'
import type { MongoOutbox, StoredAggregates } from '@bulkhead/chassis/mongo'
import type { Db, Filter } from 'mongodb'
import { importFinished } from './events.ts'
import type { ImportError } from './schemas.ts'

/** The settings that staff send with a file. */
export type ImportOrder = Trace & {
  currency: string
  /** The family of all products in the file. */
  family?: string | undefined
}

/** The progress of an import. It is saved after each batch. */
export type Progress = {
  /** The number of finished entries of the reader. */
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

/** The progress after a batch, and the errors of the batch. */
type Step = {
  progress: Progress
  unknownColumns: string[]
  newErrors: ImportError[]
}

/** An import as it is stored. */
export type ImportJob = Trace & {
  _id: string
  schemaVersion: 1
  /** The API does not show an import while its state is `uploading`. */
  state: 'uploading' | 'running' | 'done' | 'failed'
  reason?: string
  currency: string
  family?: string
  createdAt: Date
  finishedAt?: Date
  bytes: number
  /** The number of chunks of its file. The chunks are stored until the import is over. */
  chunks: number
  /** How often the import was started since its last finished batch. */
  attempts: number
  progress: Progress
  /** Names of columns in the file that the format does not have. */
  unknownColumns?: string[]
  errors: ImportError[]
  /** The event about the end of the import, until it is published. */
  outbox?: PendingEvent[]
}

/** An import whose file is stored. */
export type StoredImport = ImportJob & { state: Exclude<ImportJob['state'], 'uploading'> }

export type ImportSummary = Omit<StoredImport, 'errors'>

/** The imports as jobs, each in one document that also holds the event of its end. */
export type ImportJobs = {
  /** Counts the imports that wait, run or are being uploaded. */
  countWaiting(): Promise<number>
  /** Creates a job before its file arrives, and returns the job's ID. Throws a 503 if too many imports wait. */
  open(order: ImportOrder): Promise<string>
  /** Queues a job when its whole file is stored. Throws a 503 if a sweep has removed the job as abandoned. */
  enqueue(id: string, size: { bytes: number; chunks: number }): Promise<void>
  /**
   * Ends an upload, so that the sweep removes it with up to `chunks` chunks of its file. Returns false if the job is no longer an upload.
   */
  abandon(id: string, chunks: number): Promise<boolean>
  byId(id: string): Promise<StoredImport | null>
  /** Returns up to `limit` jobs that are older than the job `before`, the latest first. */
  page(before: string | undefined, limit: number): Promise<ImportSummary[]>
  /** Returns the ID of the oldest job that is not over. */
  oldest(): Promise<string | undefined>
  /** Counts a start of the job and returns the job. Returns null if the job is over. */
  start(id: string): Promise<ImportJob | null>
  /** Saves the progress and returns all errors of the job. Returns undefined if another replica has saved progress since. */
  save(job: ImportJob, step: Step): Promise<ImportError[] | undefined>
  /** Ends a job and publishes the event about its end. With a `reason`, the job has failed. */
  end(job: Pick<ImportJob, '_id' | 'traceparent'>, reason?: string, error?: ImportError): Promise<void>
  /** Records that the chunks of the job's file are removed. */
  markEmptied(id: string): Promise<void>
  remove(id: string): Promise<void>
  /** Finds uploads that began before `abandoned`, jobs that ended before `kept`, and jobs that are over but still have a file. */
  toSweep(abandoned: Date, kept: Date, limit: number): Promise<Omit<ImportJob, 'errors'>[]>
}

/** Maximum number of imports that wait, run or are being uploaded. */
const QUEUE_LIMIT = 20
const RETRY_SECONDS = 10
const MOST_ERRORS = 1000

const NO_PROGRESS: Progress = {
  entries: 0,
  bytesRead: 0,
  rows: 0,
  refusedRows: 0,
  created: 0,
  changed: 0,
  unchanged: 0,
  errorCount: 0,
  stockDocuments: 0
}

export async function importJobs(db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock): Promise<ImportJobs> {
  const jobs = db.collection<ImportJob>('imports', { ignoreUndefined: true })
  const { enqueue } = outbox.watch(jobs as unknown as StoredAggregates)
  await jobs.createIndex({ state: 1, finishedAt: 1 })
  const isWaiting: Filter<ImportJob> = { state: { $in: ['uploading', 'running'] } }
  const countWaiting = () => jobs.countDocuments(isWaiting)

  return {
    countWaiting,

    async open(order) {
      const job = {
        _id: newId('imp', clock),
        schemaVersion: 1,
        state: 'uploading',
        createdAt: clock.now(),
        bytes: 0,
        chunks: 0,
        attempts: 0,
        ...order,
        progress: NO_PROGRESS,
        errors: []
      }
      await jobs.insertOne(job as ImportJob)
      // Count after the insert, so that two simultaneous orders can't exceed the limit.
      if ((await countWaiting()) <= QUEUE_LIMIT) return job._id
      await jobs.deleteOne({ _id: job._id })
      throw unavailable('The queue of imports', RETRY_SECONDS)
    },

    async enqueue(_id, size) {
      const queued = { ...size, state: 'running' as const }
      const { matchedCount } = await jobs.updateOne({ _id, state: 'uploading' }, { $set: queued })
      if (matchedCount === 0) throw unavailable('The import', RETRY_SECONDS)
    },

    async abandon(_id, chunks) {
      const failed = { state: 'failed' as const, finishedAt: new Date(0), chunks }
      return (await jobs.updateOne({ _id, state: 'uploading' }, { $set: failed })).matchedCount === 1
    },

    byId: _id => jobs.findOne<StoredImport>({ _id, state: { $ne: 'uploading' } }),

    page: (before, limit) =>
      jobs
        .find({ state: { $ne: 'uploading' }, _id: before === undefined ? undefined : { $lt: before } })
        .project<ImportSummary>({ errors: 0 })
        .sort({ _id: -1 })
        .limit(limit)
        .toArray(),

    async oldest() {
      const running = { state: 'running' as const }
      return (await jobs.findOne(running, { sort: { _id: 1 }, projection: { _id: 1 } }))?._id
    },

    start: _id =>
      jobs.findOneAndUpdate({ _id, state: 'running' }, { $inc: { attempts: 1 } }, { returnDocument: 'after' }),

    async save({ _id, errors, progress: before }, { progress, unknownColumns, newErrors }) {
      const kept = newErrors.slice(0, Math.max(0, MOST_ERRORS - errors.length))
      const { matchedCount } = await jobs.updateOne(
        { _id, state: 'running', 'progress.entries': before.entries },
        { $set: { progress, unknownColumns, attempts: 0 }, $push: { errors: { $each: kept } } }
      )
      return matchedCount === 1 ? [...errors, ...kept] : undefined
    },

    async end({ _id, traceparent }, reason, error) {
      const finishedAt = clock.now()
      const errors = error ? [error] : []
      const event = pendingEvent(importFinished, 1, finishedAt, { traceparent })
      const { matchedCount } = await jobs.updateOne(
        { _id, state: 'running' },
        {
          $set: { state: reason === undefined ? 'done' : 'failed', finishedAt, reason },
          $push: { outbox: event, errors: { $each: errors } },
          $inc: { 'progress.errorCount': errors.length }
        }
      )
      if (matchedCount === 1) enqueue(_id, [event])
    },

    async markEmptied(_id) {
      await jobs.updateOne({ _id }, { $set: { chunks: 0 } })
    },

    async remove(_id) {
      await jobs.deleteOne({ _id })
    },

    toSweep: (abandoned, kept, limit) =>
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
