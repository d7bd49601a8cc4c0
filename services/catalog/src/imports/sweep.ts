import type { ImportStore } from './store.ts'

/** How old an upload must be to count as abandoned (ms). It is longer than any upload may take. */
const ABANDONED_MS = 15 * 60_000
const KEEP_MS = 30 * 24 * 3_600_000
const SWEEP_LIMIT = 100

/** Removes abandoned uploads, files of imports that are over, and imports that ended more than 30 days ago. */
export async function sweepImports({ jobs, files, stock }: ImportStore, now: Date) {
  const abandoned = new Date(now.getTime() - ABANDONED_MS)
  const kept = new Date(now.getTime() - KEEP_MS)
  for (const { _id, state, chunks, finishedAt } of await jobs.toSweep(abandoned, kept, SWEEP_LIMIT)) {
    const isUpload = state === 'uploading'
    if (isUpload && !(await jobs.abandon(_id, files.mostChunks))) continue
    await files.remove(_id, isUpload ? files.mostChunks : chunks)
    if (isUpload || finishedAt! < kept) {
      await stock.remove(_id)
      await jobs.remove(_id)
    } else await jobs.markEmptied(_id)
  }
}
