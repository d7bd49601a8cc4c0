import {
  type Clock,
  defineCounter,
  defineGauge,
  type FaultPoint,
  measuredGauge,
  register,
  releaseLease,
  repeat
} from '@bulkhead/chassis/core'
import { mongoLease } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { batchWriter, type Catalogue } from './batch-writer.ts'
import type { ImportJob, ImportJobs } from './jobs.ts'
import { type RunDeps, runImport } from './run.ts'
import type { ImportStore } from './store.ts'
import { sweepImports } from './sweep.ts'

const importsWaiting = defineGauge({
  name: 'catalog_imports_waiting',
  help: 'Imports that are being sent, wait or run'
})

const importedRows = defineCounter({
  name: 'catalog_import_rows_total',
  help: 'Rows of imported files that this replica has finished, by outcome',
  labels: { outcome: ['taken', 'refused'] }
})

/** The metrics of imports. */
export const importMetrics = [importsWaiting, importedRows]

type Options = {
  db: Db
  imports: ImportStore
  catalogue: Catalogue
  clock: Clock
  log: Logger
  registry: Registry
  passFaultPoint: FaultPoint
  times?: WorkerTimes | undefined
}

export type WorkerTimes = {
  /** Milliseconds between two queries for a job. */
  poll: number
  /** Milliseconds after which another replica continues the work of a dead replica. */
  lease: number
  /** Milliseconds between two sweeps. */
  sweep: number
}

const TIMES: WorkerTimes = { poll: 1_000, lease: 15_000, sweep: 60_000 }
/** How often a job is started without progress before it fails. */
const MOST_ATTEMPTS = 20

/**
 * Runs stored imports and sweeps finished imports. A lease lets one replica work at a time. The replica runs the imports one after another,
 * the oldest first, because a later file must overwrite an earlier one.
 */
export function importWorker(options: Options) {
  const { db, imports, catalogue, clock, log, registry, passFaultPoint, times = TIMES } = options
  const { jobs } = imports
  const stopping = new AbortController()
  const { signal } = stopping
  const workLease = mongoLease(db, 'import-work', times.lease, clock)
  const sweepLease = mongoLease(db, 'imports', times.lease, clock)
  let loops: Promise<unknown> = Promise.resolve()
  const count = registerMetrics(registry, log, jobs)

  async function work() {
    const id = await jobs.oldest()
    if (id === undefined || !(await workLease.hold())) return
    try {
      const job = await jobs.start(id)
      if (job) await workOn(job)
    } finally {
      await releaseLease(workLease, 'an import', log.child({ id }))
    }
  }

  async function workOn(job: ImportJob) {
    const { _id, attempts } = job
    if (attempts > MOST_ATTEMPTS) return jobs.end(job, 'It failed too often')
    log.info({ import: _id, attempts }, 'import started')
    const writeBatch = batchWriter(job, catalogue, clock)
    await runImport(job, workLease, signal, { ...imports, writeBatch, passFaultPoint, count, log })
  }

  async function sweep() {
    if (await sweepLease.hold()) await sweepImports(imports, clock.now())
  }

  return {
    start() {
      const background = { log, signal }
      loops = Promise.all([
        repeat('The work on imports', work, () => times.poll, background),
        repeat('The sweep of imports', sweep, () => times.sweep, background)
      ])
    },

    /** Stops at the end of a batch. Another replica continues from there. */
    async stop() {
      stopping.abort()
      await loops
      await releaseLease(sweepLease, 'the sweep', log)
    }
  }
}

function registerMetrics(registry: Registry, log: Logger, jobs: ImportJobs): RunDeps['count'] {
  measuredGauge({ registry, log, metric: importsWaiting, measure: () => jobs.countWaiting() })
  const rows = register(registry, importedRows)
  return ({ taken, refused }) => {
    rows.inc({ outcome: 'taken' }, taken)
    rows.inc({ outcome: 'refused' }, refused)
  }
}
