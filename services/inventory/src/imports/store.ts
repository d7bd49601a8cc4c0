import type { Trace } from '@bulkhead/chassis/contract'
import { type Clock, unavailable } from '@bulkhead/chassis/core'
import { tryInsert } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'

/**
 * An import of catalog that inventory counts, by its ID. `cursor` is the cursor of the next page. The import ends as `done`, or as `gone`
 * if catalog no longer has it.
 */
export type StockImport = Trace & {
  _id: string
  schemaVersion: 1
  state: 'waiting' | 'done' | 'gone'
  cursor?: string
  createdAt: Date
  finishedAt?: Date
}

export type ImportStore = {
  countWaiting(): Promise<number>
  /** Adds an import, unless it is known. Throws a 503 while too many imports wait. */
  add(id: string, trace: Trace): Promise<void>
  /** Returns the oldest waiting import. IDs are in the order of time. */
  next(): Promise<StockImport | null>
  /** Saves the cursor of the next page. */
  saveProgress(id: string, cursor: string): Promise<void>
  finish(id: string, state: 'done' | 'gone'): Promise<void>
}

/** Maximum number of waiting imports. The events of further imports stay in the event log. */
const MOST_WAITING = 100
const RETRY_SECONDS = 10

/** Opens the store of imports, one document each. The documents are never removed, so that no import is counted twice. */
export async function importStore(db: Db, clock: Clock): Promise<ImportStore> {
  const imports = db.collection<StockImport>('imports', { ignoreUndefined: true })
  await imports.createIndex({ state: 1, _id: 1 })
  const countWaiting = () => imports.countDocuments({ state: 'waiting' })

  return {
    countWaiting,

    async add(_id, { traceparent }) {
      if ((await countWaiting()) >= MOST_WAITING) throw unavailable('The queue of imports', RETRY_SECONDS)
      const stockImport: StockImport = { _id, schemaVersion: 1, state: 'waiting', traceparent, createdAt: clock.now() }
      await tryInsert(imports.insertOne(stockImport))
    },

    next: () => imports.findOne({ state: 'waiting' }, { sort: { _id: 1 } }),

    async saveProgress(_id, cursor) {
      await imports.updateOne({ _id, state: 'waiting' }, { $set: { cursor } })
    },

    async finish(_id, state) {
      await imports.updateOne({ _id, state: 'waiting' }, { $set: { state, finishedAt: clock.now() } })
    }
  }
}
