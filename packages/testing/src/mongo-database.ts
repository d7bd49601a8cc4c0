import { randomUUID } from 'node:crypto'
import type { AppDeps } from '@bulkhead/chassis/http'
import { mongoOutbox } from '@bulkhead/chassis/mongo'
import { type Collection, type Db, MongoClient } from 'mongodb'
import { silentEventLog } from './silent.ts'

/**
 * Creates an empty database on the tests' MongoDB, for one test; `close` drops it. With the URL of an existing database, only connects to
 * that, as another replica does.
 */
export async function mongoDatabase(existing?: string) {
  const url = new URL(existing ?? process.env.TEST_MONGODB_URL!)
  if (!existing) url.pathname = `/test-${randomUUID()}`
  url.searchParams.set('directConnection', 'true')
  const client = await MongoClient.connect(url.href)
  const db = client.db()
  return {
    db,
    url: url.href,
    async close() {
      if (!existing) await db.dropDatabase()
      await client.close()
    }
  }
}

export type MongoDatabase = Awaited<ReturnType<typeof mongoDatabase>>

/** Creates an empty database with an outbox for the aggregates of a service. Its events are not published. */
export async function mongoStore(service: string, { clock, log: logger, registry }: AppDeps) {
  const database = await mongoDatabase()
  const { db } = database
  const outbox = mongoOutbox({ service, db, log: silentEventLog, clock, logger, registry })
  return {
    ...database,
    outbox,
    eventsOf: (collection: string, id: string) => aggregateEvents(db, collection, id),
    async close() {
      await outbox.stop()
      await database.close()
    }
  }
}

/** The type and version of each event in the outbox of an aggregate. None if there is no such aggregate. */
export async function aggregateEvents(
  db: Db,
  collection: string,
  id: string
): Promise<[type: string, version: number][]> {
  const stored: Collection<{ _id: string; outbox?: { type: string; version: number }[] }> = db.collection(collection)
  const document = await stored.findOne({ _id: id })
  return (document?.outbox ?? []).map(({ type, version }) => [type, version])
}
