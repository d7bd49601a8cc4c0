import type { Clock } from '@bulkhead/chassis/core'
import type { MongoOutbox } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { type ImportFiles, importFiles } from './files.ts'
import { type ImportJobs, importJobs } from './jobs.ts'
import { type ImportedStock, importedStock } from './stock.ts'

/** The stored parts of imports: the jobs, their files, and the quantities in the files. */
export type ImportStore = { jobs: ImportJobs; files: ImportFiles; stock: ImportedStock }

export const importStore = async (db: Db, outbox: Pick<MongoOutbox, 'watch'>, clock: Clock): Promise<ImportStore> => ({
  jobs: await importJobs(db, outbox, clock),
  files: importFiles(db),
  stock: importedStock(db)
})
