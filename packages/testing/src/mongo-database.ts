import { randomUUID } from 'node:crypto'
import { type Collection, type Db, MongoClient } from 'mongodb'

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
