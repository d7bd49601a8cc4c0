import { randomUUID } from 'node:crypto'
import type { AppDeps } from '@bulkhead/chassis/http'
import { mongoOutbox } from '@bulkhead/chassis/mongo'
import { type Collection, type Db, MongoClient } from 'mongodb'
import { silentEventLog } from './silent.ts'

/**
 * An empty database on the tests' MongoDB that no other test has. `url` names it; `close` drops it. With the URL of one that is there,
 * a further connection to that, as another replica has it.
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

/** The same with an outbox for the aggregates of a service, whose events go nowhere. */
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

/** The events of an aggregate that are or were to be published: type and version. None for an aggregate that does not exist. */
export async function aggregateEvents(
  db: Db,
  collection: string,
  id: string
): Promise<[type: string, version: number][]> {
  const stored: Collection<{ _id: string; outbox?: { type: string; version: number }[] }> = db.collection(collection)
  const found = await stored.findOne({ _id: id })
  return (found?.outbox ?? []).map(({ type, version }) => [type, version])
}
