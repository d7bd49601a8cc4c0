import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import type { Db } from 'mongodb'
import { type Aggregates, aggregates } from '../src/mongo/aggregates.ts'
import { clock } from './counters.ts'

export type Lamp = { id: string; name: string; watts?: number }

type Options = { cap?: number; run?: () => Promise<string> }

/** Opens aggregates whose events nobody publishes. `run` returns the current run of the log. */
export const lampsIn = (db: Db, { run = async () => 'r', ...options }: Options = {}): Aggregates<Lamp> => {
  const outbox = { watch: () => ({ enqueue: () => undefined, currentRun: run }) }
  return aggregates<Lamp>({ db, collection: 'lamps', schemaVersion: 1, outbox, clock, ...options })
}

/** Defines the hooks of a suite with a collection of lamps, which is empty before each test. */
export function suiteOfLamps(): { lamps: Aggregates<Lamp> } {
  let database: MongoDatabase
  const suite = {} as { lamps: Aggregates<Lamp> }
  before(async () => {
    database = await mongoDatabase()
  })
  beforeEach(async () => {
    await database.db.dropDatabase()
    suite.lamps = lampsIn(database.db)
  })
  after(() => database.close())
  return suite
}
