import { randomUUID } from 'node:crypto'
import { type Collection, type Db, MongoClient } from 'mongodb'

/** A database of the tests' MongoDB. `close` drops it. */
export type MongoDatabase = { db: Db; url: string; close(): Promise<void> }

/** Creates an empty database on the tests' MongoDB, for one test. */
export async function mongoDatabase(): Promise<MongoDatabase> {
  const url = new URL(process.env.TEST_MONGODB_URL!)
  url.pathname = `/test-${randomUUID()}`
  url.searchParams.set('directConnection', 'true')
  const client = await MongoClient.connect(url.href)
  const db = client.db()
  return {
    db,
    url: url.href,
    async close() {
      await db.dropDatabase()
      await client.close()
    }
  }
}

/** Returns the type and version of each event in the outbox of an aggregate; an empty list if there is no such aggregate. */
export async function aggregateEvents(
  db: Db,
  collection: string,
  id: string
): Promise<[type: string, version: number][]> {
  const stored: Collection<{ _id: string; outbox?: { type: string; version: number }[] }> = db.collection(collection)
  const document = await stored.findOne({ _id: id })
  return (document?.outbox ?? []).map(({ type, version }) => [type, version])
}
