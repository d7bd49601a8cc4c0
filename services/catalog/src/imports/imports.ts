import type { Clock, FaultPoint } from '@bulkhead/chassis/core'
import type { MongoOutbox } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Stores } from '../store.ts'
import { categoryPaths } from './category-paths.ts'
import { importFiles } from './files.ts'
import { importJobs } from './jobs.ts'
import { importedStock } from './stock.ts'
import { takeProducts } from './take.ts'
import { importWorker, type WorkerTimes } from './worker.ts'

type Options = {
  db: Db
  stores: Stores
  outbox: Pick<MongoOutbox, 'watch'>
  clock: Clock
  logger: Logger
  registry: Registry
  at?: FaultPoint
  times?: WorkerTimes
}

/** All of imports: their stores, and the worker, which is to be started. */
export async function catalogImports({ db, stores, outbox, clock, ...rest }: Options) {
  const own = { jobs: await importJobs(db, outbox, clock), files: importFiles(db), stock: importedStock(db) }
  const worker = importWorker({
    db,
    ...own,
    takerOf(job) {
      const paths = categoryPaths(stores.categories, clock, job)
      return batch => takeProducts(batch, job, { ...stores, paths, clock })
    },
    clock,
    ...rest
  })
  return { ...own, worker }
}
