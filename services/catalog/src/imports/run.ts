import { type FaultPoint, type Lease, Problem } from '@bulkhead/chassis/core'
import { MongoError } from 'mongodb'
import type { Logger } from 'pino'
import { UnreadableFile } from '../shopify/records.ts'
import { findReturningHandles } from '../shopify/returning-handles.ts'
import { type Batch, readBatches } from './batches.ts'
import type { ImportJob, Progress } from './jobs.ts'
import type { Outcome } from './outcome.ts'
import type { ImportError } from './schemas.ts'
import type { ImportStore } from './store.ts'

export type RunDeps = ImportStore & {
  /** Writes a batch of the job into the catalogue. */
  writeBatch: (batch: Batch) => Promise<Outcome>
  /** Counts the rows of each finished batch. */
  count: (rows: { taken: number; refused: number }) => void
  passFaultPoint: FaultPoint
  log: Logger
}

const LONGEST_TEXT = 500
const MOST_UNKNOWN = 100
/** Number of chunks that are read between two renewals of the lease. Reading them takes much less time than the lease lasts. */
const CHUNKS_A_RENEWAL = 16

/** Thrown if another replica has the work, or if this replica stops. The job has neither failed nor ended. */
class Stopped extends Error {}

/**
 * Continues a job from its last saved progress, batch by batch. Stops at the end of the job, when `signal` aborts, or when the lease is
 * lost. Rejects if the store is not available; a later run continues. A defect ends the job, because each further run would meet it again.
 */
export async function runImport(job: ImportJob, lease: Lease, signal: AbortSignal, deps: RunDeps) {
  const { jobs, files, writeBatch, log } = deps
  const { _id, chunks, currency } = job
  const renewLease = async () => {
    if (signal.aborted || !(await lease.hold())) throw new Stopped()
  }
  async function* readFile() {
    let place = 0
    for await (const bytes of files.read(_id, chunks)) {
      if (place++ % CHUNKS_A_RENEWAL === 0) await renewLease()
      yield bytes
    }
  }
  try {
    const returning = await findReturningHandles(readFile())
    for await (const batch of readBatches(readFile(), { currency, returning, skip: job.progress.entries })) {
      await renewLease()
      const saved = await saveProgress(batch, job, await writeBatch(batch), deps)
      if (!saved) return
      job = saved
    }
    await jobs.end(job)
  } catch (error) {
    if (error instanceof Stopped) return
    // The store is not available, or the outbox is full.
    if (error instanceof MongoError || error instanceof Problem) throw new Error(`The import ${_id}`, { cause: error })
    if (error instanceof UnreadableFile) {
      const { line, column = '', message } = error
      await jobs.end(job, message.slice(0, LONGEST_TEXT), errorOf(line, column, message.replace(/^line \d+: /, '')))
    } else if (await lease.hold()) {
      // Without the lease, the error may not be a defect: another replica can have ended the import and removed the file.
      log.error({ err: error, import: _id }, 'An import met a defect and is given up')
      await jobs.end(job, 'It met a defect of the service')
    } else return
  }
  await files.remove(_id, chunks)
  await jobs.markEmptied(_id)
}

/** Saves the progress and returns the job after a batch. Returns undefined if another replica has saved progress since. */
async function saveProgress(
  batch: Batch,
  job: ImportJob,
  outcome: Outcome,
  { jobs, stock, count, passFaultPoint }: RunDeps
) {
  const before = job.progress
  const refused = batch.problems.reduce((sum, { rows }) => sum + rows, outcome.refusedRows)
  const rows = batch.products.reduce((sum, { rows }) => sum + rows, refused - outcome.refusedRows)
  const newErrors = [...batch.problems, ...outcome.errors]
    .toSorted((one, other) => one.line - other.line)
    .map(({ line, column, reason }) => errorOf(line, column, reason))
  const progress: Progress = {
    entries: batch.entries,
    bytesRead: batch.bytesRead,
    rows: before.rows + rows,
    refusedRows: before.refusedRows + refused,
    created: before.created + outcome.created,
    changed: before.changed + outcome.changed,
    unchanged: before.unchanged + outcome.unchanged,
    errorCount: before.errorCount + newErrors.length,
    stockDocuments: await stock.write(job._id, before.stockDocuments, outcome.stock)
  }
  passFaultPoint('after-batch-before-progress')
  const errors = await jobs.save(job, { progress, unknownColumns: unknownColumnsOf(batch), newErrors })
  if (!errors) return undefined
  count({ taken: rows - refused, refused })
  return { ...job, progress, errors }
}

const unknownColumnsOf = ({ unknownColumns }: Batch) =>
  unknownColumns.slice(0, MOST_UNKNOWN).map(name => name.slice(0, LONGEST_TEXT))

/** Returns an error with a shortened column name, because the names come from the file and can have any length. */
const errorOf = (line: number, column: string, reason: string): ImportError => ({
  line,
  column: column.slice(0, LONGEST_TEXT),
  reason: reason.slice(0, LONGEST_TEXT)
})
