import type { Client } from '@bulkhead/chassis/client'
import { type Clock, type FaultPoint, giveUp, noFault, Problem, repeat } from '@bulkhead/chassis/core'
import { mongoLease } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Logger } from 'pino'
import type { catalogNeeds } from '../clients/catalog.ts'
import type { History } from '../stock/history.ts'
import type { StockStore } from '../stock/store.ts'
import { count } from './counting.ts'
import type { CountingJob, CountingJobs } from './jobs.ts'

type Catalog = Client<typeof catalogNeeds.operations>

type Options = {
  db: Db
  inventory: { stock: StockStore; history: History; jobs: CountingJobs; counted: (skus: number) => void }
  catalog: Pick<Catalog, 'getImportedStock'>
  clock: Clock
  logger: Logger
  at?: FaultPoint
  times?: WorkerTimes | undefined
}

/** In milliseconds. */
export type WorkerTimes = { poll: number; lease: number }

/** Milliseconds: between two looks for an import, and after which another replica goes on in place of one that died. */
const TIMES = { poll: 1_000, lease: 15_000 }
/** SKUs that are asked for and counted together. */
const PAGE = 1_000
/** Milliseconds that catalog may take for a page, attempts included. */
const PAGE_MS = 10_000

/** Takes the quantities of imports, one at a time and the oldest first, until it is stopped. Several replicas share them by lease. */
export function countingWorker({ db, inventory, catalog, clock, logger, at = noFault, times = TIMES }: Options) {
  const { jobs, counted } = inventory
  const stopping = new AbortController()
  const { signal } = stopping
  const lease = mongoLease(db, 'imports', times.lease, clock)

  async function work() {
    const job = await jobs.next()
    if (job && (await lease.hold())) await take(job)
  }

  async function take({ _id, cursor, traceparent }: CountingJob) {
    logger.info({ import: _id }, 'Taking the quantities of an import')
    for (let next = cursor; !signal.aborted && (await lease.hold()); ) {
      const context = { requestId: _id, traceparent, deadline: clock.now().getTime() + PAGE_MS }
      const page = await catalog
        .getImportedStock({ params: { id: _id }, query: { limit: PAGE, cursor: next } }, context)
        .catch(unlessGone)
      if (!page) {
        logger.warn({ import: _id }, 'Catalog has forgotten an import before all its quantities were taken')
        return jobs.end(_id, 'gone')
      }
      counted(await count(_id, page.items, { ...inventory, clock }))
      at('after-batch-before-progress')
      if (page.nextCursor === undefined) return jobs.end(_id, 'done')
      next = page.nextCursor
      await jobs.save(_id, next)
    }
  }

  let working: Promise<unknown> = Promise.resolve()
  return {
    start() {
      working = repeat('Taking the quantities of an import', work, () => times.poll, { logger, signal })
    },
    /** Stops after a page; another replica goes on from there. */
    async stop() {
      stopping.abort()
      await working
      await giveUp(lease, 'imports', logger)
    }
  }
}

/** Catalog keeps an import for 30 days. */
function unlessGone(error: unknown): undefined {
  if (!(error instanceof Problem) || error.status !== 404) throw error
}
