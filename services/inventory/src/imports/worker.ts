import type { Client } from '@bulkhead/chassis/client'
import { type Clock, type FaultPoint, Problem, releaseLease, repeat } from '@bulkhead/chassis/core'
import { mongoLease } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Logger } from 'pino'
import type { catalogNeeds } from '../clients/catalog.ts'
import type { History } from '../stock/history.ts'
import type { StockStore } from '../stock/store.ts'
import type { ImportMetrics } from './metrics.ts'
import { applyCount } from './stock-count.ts'
import type { ImportStore, StockImport } from './store.ts'

type Options = {
  db: Db
  imports: ImportStore
  stock: StockStore
  history: History
  catalog: Client<typeof catalogNeeds.operations>
  metrics: ImportMetrics
  clock: Clock
  log: Logger
  passFaultPoint: FaultPoint
  times?: WorkerTimes | undefined
}

export type WorkerTimes = {
  /** Milliseconds between two queries for an import. */
  poll: number
  /** Milliseconds after which another replica continues the work of a dead replica. */
  lease: number
}

const TIMES: WorkerTimes = { poll: 1_000, lease: 15_000 }
/** The number of SKUs in one request to catalog. They are counted together. */
const PAGE = 1_000
/** How long catalog may take for a page, including retries (ms). */
const PAGE_MS = 10_000

/** Counts the quantities of imports one by one, the oldest first. A lease lets only one replica do this at a time. */
export function importWorker(options: Options) {
  const { db, imports, catalog, metrics, clock, log, passFaultPoint, times = TIMES } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const lease = mongoLease(db, 'imports', times.lease, clock)
  let working: Promise<unknown> = Promise.resolve()

  async function work() {
    const next = await imports.next()
    if (next && (await lease.hold())) await count(next)
  }

  async function count({ _id, cursor, traceparent }: StockImport) {
    log.info({ import: _id }, 'Counting the quantities of an import')
    for (let next = cursor; !signal.aborted && (await lease.hold()); ) {
      const context = { requestId: _id, traceparent, deadline: clock.now().getTime() + PAGE_MS }
      const page = await catalog
        .getImportedStock({ params: { id: _id }, query: { limit: PAGE, cursor: next } }, context)
        .catch(undefinedIfGone)
      if (!page) {
        log.warn({ import: _id }, 'Catalog no longer has an import that is not counted to its end')
        return imports.finish(_id, 'gone')
      }
      metrics.countSkus(await applyCount(_id, page.items, options))
      passFaultPoint('after-batch-before-progress')
      if (page.nextCursor === undefined) return imports.finish(_id, 'done')
      next = page.nextCursor
      await imports.saveProgress(_id, next)
    }
  }

  return {
    start() {
      working = repeat('The counting of imports', work, () => times.poll, { log, signal })
    },
    /** Stops after the current page. Another replica continues from there. */
    async stop() {
      stopping.abort()
      await working
      await releaseLease(lease, 'imports', log)
    }
  }
}

/** Returns undefined for the 404 of an import that catalog has removed after 30 days. Throws any other error. */
function undefinedIfGone(error: unknown): undefined {
  if (!(error instanceof Problem) || error.status !== 404) throw error
}
