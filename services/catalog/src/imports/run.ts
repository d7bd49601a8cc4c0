import type { FaultPoint } from '@bulkhead/chassis/fault-points'
import type { Lease } from '@bulkhead/chassis/leases'
import { UnreadableFile } from '../shopify/records.ts'
import { type Batch, readBatches } from './batches.ts'
import type { ImportFiles } from './files.ts'
import type { ImportError, ImportJob, ImportJobs, Progress } from './jobs.ts'
import type { Outcome } from './outcome.ts'
import type { ImportedStock } from './stock.ts'

export type RunDeps = {
  jobs: ImportJobs
  files: ImportFiles
  stock: ImportedStock
  /** What takes the batches of a job. */
  takerOf: (job: ImportJob) => (batch: Batch) => Promise<Outcome>
  /** Told of each batch when it is done with. */
  count: (rows: { taken: number; refused: number }) => void
  at: FaultPoint
}

const LONGEST_TEXT = 500

/**
 * Works on a job from where its progress was saved last, batch by batch, to its end or until `signal` aborts or the lease is
 * another's. Rejects when the store is away; run again it goes on.
 */
export async function runImport(job: ImportJob, lease: Lease, signal: AbortSignal, deps: RunDeps) {
  const { jobs, files } = deps
  const take = deps.takerOf(job)
  const { _id, chunks, currency } = job
  try {
    for await (const batch of readBatches(files.read(_id, chunks), { currency, skip: job.progress.entries })) {
      if (signal.aborted || !(await lease.hold())) return
      const saved = await saveBatch(batch, job, await take(batch), deps)
      if (!saved) return
      job = saved
    }
    await jobs.end(_id)
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    const { line, column = '', message } = error
    await jobs.end(_id, message.slice(0, LONGEST_TEXT), errorOf(line, column, message.replace(/^line \d+: /, '')))
  }
  await files.remove(_id, chunks)
  await jobs.emptied(_id)
}

/** The job after a batch; undefined where another replica works on it. */
async function saveBatch(batch: Batch, job: ImportJob, outcome: Outcome, { jobs, stock, count, at }: RunDeps) {
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
  const saved = await jobs.save(job, progress, errors)
  if (!saved) return undefined
  count({ taken: rows - refused, refused })
  return { ...job, progress, errors: saved }
}

/** Column names come from the file, and are as long as it likes. */
const errorOf = (line: number, column: string, reason: string): ImportError => ({
  line,
  column: column.slice(0, LONGEST_TEXT),
  reason: reason.slice(0, LONGEST_TEXT)
})
