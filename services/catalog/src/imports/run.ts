import { type FaultPoint, type Lease, Problem } from '@bulkhead/chassis/core'
import { MongoError } from 'mongodb'
import type { Logger } from 'pino'
import { UnreadableFile } from '../shopify/records.ts'
import { returningHandles } from '../shopify/returning-handles.ts'
import { type Batch, readBatches } from './batches.ts'
import type { ImportJob, Progress } from './jobs.ts'
import type { Outcome } from './outcome.ts'
import type { ImportError } from './schemas.ts'
import type { ImportStore } from './store.ts'

export type RunDeps = ImportStore & {
  /** Writes a batch of the job into the catalogue. */
  writeBatch: (batch: Batch) => Promise<Outcome>
  /** Told of each batch when it is done with. */
  count: (rows: { taken: number; refused: number }) => void
  at: FaultPoint
  logger: Logger
}

const LONGEST_TEXT = 500
const MOST_UNKNOWN = 100
/** Chunks of the file that are read between two looks at the lease: a part of what it takes to lose it. */
const CHUNKS_A_HOLD = 16

/** The work is another replica's, or is to end: neither a failure nor an end of the job. */
class Stopped extends Error {}

/**
 * Works on a job from where its progress was saved last, batch by batch, to its end or until `signal` aborts or the lease is
 * another's. Rejects when the store is away; run again it goes on. A defect of ours ends it: another run would meet it too.
 */
export async function runImport(job: ImportJob, lease: Lease, signal: AbortSignal, deps: RunDeps) {
  const { jobs, files, writeBatch, logger } = deps
  const { _id, chunks, currency } = job
  const checkOurs = async () => {
    if (signal.aborted || !(await lease.hold())) throw new Stopped()
  }
  async function* file() {
    let place = 0
    for await (const bytes of files.read(_id, chunks)) {
      if (place++ % CHUNKS_A_HOLD === 0) await checkOurs()
      yield bytes
    }
  }
  try {
    const returning = await returningHandles(file())
    for await (const batch of readBatches(file(), { currency, returning, skip: job.progress.entries })) {
      await checkOurs()
      const saved = await saveProgress(batch, job, await writeBatch(batch), deps)
      if (!saved) return
      job = saved
    }
    await jobs.end(job)
  } catch (error) {
    if (error instanceof Stopped) return
    // The store's, or a 503 of ours.
    if (error instanceof MongoError || error instanceof Problem) throw new Error(`The import ${_id}`, { cause: error })
    if (error instanceof UnreadableFile) {
      const { line, column = '', message } = error
      await jobs.end(job, message.slice(0, LONGEST_TEXT), errorOf(line, column, message.replace(/^line \d+: /, '')))
    } else if (await lease.hold()) {
      // Of one that lost its lease the file may be gone, by who ended the import.
      logger.error({ err: error, import: _id }, 'An import met a defect and is given up')
      await jobs.end(job, 'It met a defect of ours')
    } else return
  }
  await files.remove(_id, chunks)
  await jobs.emptied(_id)
}

/** The job after a batch; undefined where another replica works on it. */
async function saveProgress(batch: Batch, job: ImportJob, outcome: Outcome, { jobs, stock, count, at }: RunDeps) {
  const before = job.progress
  const refused = batch.problems.reduce((sum, { rows }) => sum + rows, outcome.refusedRows)
  const rows = batch.products.reduce((sum, { rows }) => sum + rows, refused - outcome.refusedRows)
  const errors = [...batch.problems, ...outcome.errors]
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
    errorCount: before.errorCount + errors.length,
    stockDocuments: await stock.write(job._id, before.stockDocuments, outcome.stock)
  }
  at('after-batch-before-progress')
  const saved = await jobs.save(job, { progress, unknownColumns: unknownOf(batch), more: errors })
  if (!saved) return undefined
  count({ taken: rows - refused, refused })
  return { ...job, progress, errors: saved }
}

/** The first of the columns that are not read, as far as they have names to be shown. */
const unknownOf = ({ unknownColumns }: Batch) =>
  unknownColumns.slice(0, MOST_UNKNOWN).map(name => name.slice(0, LONGEST_TEXT))

/** Column names come from the file, and are as long as it likes. */
const errorOf = (line: number, column: string, reason: string): ImportError => ({
  line,
  column: column.slice(0, LONGEST_TEXT),
  reason: reason.slice(0, LONGEST_TEXT)
})
