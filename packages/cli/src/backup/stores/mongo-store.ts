import { type Collection, type Db, MongoClient, MongoError } from 'mongodb'
import { Failure } from '../../failure.ts'
import { digestOf, SetDigest } from '../dump/digest.ts'
import { FRAME, type Frame, jsonFrame, jsonOf } from '../dump/frames.ts'
import { type Content, contentOf } from '../dump/manifest.ts'
import { type DocumentId, exactDocument, idName, idOf, idType } from './mongo-ids.ts'
import type { BackupRecord, RecordStore, Written } from './record-store.ts'

type Stored = { _id: DocumentId }
type Documents = Collection<Stored>

/** Collections without records: the leases of replicas, and the facts about backups. */
const WITHOUT_RECORDS = ['leases', 'backups']
/** The bytes of a page or of a batch of writes. Two pages are in memory at once, and larger ones are not faster. */
const PAGE_BYTES = 256 * 1024
const FIRST_PAGE = 100
const LARGEST_PAGE = 5_000
/** How long (ms) a server may take to be found, and to answer. */
const SELECTION_MS = 5_000
const ANSWER_MS = 60_000

/**
 * Opens a service's MongoDB. The URL names its database; `database` overrides it. Fails if the server does not answer. `written` is called
 * with the number of restored documents.
 */
export async function mongoRecords(
  url: string,
  database?: string,
  written: Written = () => undefined
): Promise<RecordStore> {
  const client = new MongoClient(url, {
    appName: 'bulkhead-backup',
    maxPoolSize: 2,
    serverSelectionTimeoutMS: SELECTION_MS,
    connectTimeoutMS: SELECTION_MS,
    socketTimeoutMS: ANSWER_MS,
    journal: true,
    w: 'majority'
  })
  try {
    await client.connect()
    const db = client.db(database)
    const { version } = (await db.command({ buildInfo: 1 })) as unknown as { version: string }
    return recordsOf(client, db, version, written)
  } catch (cause) {
    await client.close()
    throw new Failure(`MongoDB at ${new URL(url).host} does not answer`, 'Is it running?', { cause })
  }
}

function recordsOf(client: MongoClient, db: Db, server: string, written: Written): RecordStore {
  const backups = db.collection<BackupRecord & { _id: string }>('backups')
  return {
    kind: 'mongodb',
    server,
    read: () => readDatabase(db),
    async count() {
      const counts = (await recordCollections(db)).map(collection => collection.estimatedDocumentCount())
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
    },
    async isEmpty() {
      const all = await db.listCollections({}, { nameOnly: true }).toArray().catch(throwPlain)
      return all.length === 0
    },
    async clear() {
      for (const collection of await recordCollections(db)) await collection.drop()
      await db.collection('leases').deleteMany({})
    },
    write: frames => writeDatabase(db, frames, written).catch(throwPlain),
    async remember(record) {
      await backups.updateOne({ _id: 'latest' }, { $set: record }, { upsert: true })
    },
    close: () => client.close()
  }
}

/** Turns an error of the driver, which the user can't read, into a failure. */
function throwPlain(error: unknown): never {
  if (!(error instanceof MongoError)) throw error
  throw new Failure(`MongoDB failed: ${error.message}`, 'Run the command again when it answers', { cause: error })
}

async function recordCollections(db: Db): Promise<Documents[]> {
  const all = await db.listCollections({}, { nameOnly: true }).toArray()
  const names = all.map(({ name }) => name).filter(name => !name.startsWith('system.'))
  return names
    .filter(name => !WITHOUT_RECORDS.includes(name))
    .sort()
    .map(name => db.collection(name))
}

async function* readDatabase(db: Db): AsyncGenerator<Frame, Content[]> {
  const contents: Content[] = []
  for (const collection of await recordCollections(db)) {
    const name = collection.collectionName
    const records = new SetDigest()
    yield jsonFrame(FRAME.collection, { name })
    for await (const page of pagesOf(collection))
      for (const document of page) {
        records.add(digestOf(document), document.length)
        yield { kind: FRAME.document, payload: document }
      }
    contents.push(contentOf(name, records))
  }
  return contents
}

/**
 * Reads a collection in the order of `_id`, page by page, as encoded documents. A document that exists during the whole reading is read
 * exactly once. The next page is read while the current one is used.
 */
async function* pagesOf(collection: Documents): AsyncGenerator<Uint8Array[]> {
  await requireOneType(collection).catch(throwPlain)
  let size = FIRST_PAGE
  let page = await readPage(collection, undefined, size).catch(throwPlain)
  while (page.length > 0) {
    const bytes = page.reduce((sum, document) => sum + document.length, 0)
    const isLast = page.length < size
    size = Math.min(LARGEST_PAGE, Math.max(1, Math.floor((PAGE_BYTES * page.length) / bytes)))
    const next = isLast ? Promise.resolve([]) : readPage(collection, idOf(page.at(-1)!), size)
    next.catch(() => undefined) // it rejects again where it is awaited
    yield page
    page = await next.catch(throwPlain)
  }
}

/** Reads up to `size` encoded documents whose `_id` comes after `last`. */
async function readPage(collection: Documents, last: DocumentId | undefined, size: number): Promise<Uint8Array[]> {
  const filter = last === undefined ? {} : { _id: { $gt: last } }
  const found = collection.find(filter, { raw: true, batchSize: size }).sort({ _id: 1 }).limit(size)
  return (await found.toArray()) as unknown as Uint8Array[]
}

/** Fails if the IDs of a collection have several types, because `$gt` finds only IDs of the same type. */
async function requireOneType(collection: Documents) {
  const ends = await Promise.all(
    ([1, -1] as const).map(direction => collection.find({}, { raw: true }).sort({ _id: direction }).limit(1).toArray())
  )
  const types = new Set(ends.flat().map(document => idType(idOf(document as unknown as Uint8Array))))
  if (types.size > 1)
    throw new Failure(
      `the collection ${collection.collectionName} has IDs of several types (${[...types].join(', ')})`,
      'Give all its documents IDs of one type'
    )
}

async function writeDatabase(db: Db, frames: AsyncIterable<Frame>, written: Written): Promise<Content[]> {
  const contents: Content[] = []
  let collection: Documents | undefined
  let records = new SetDigest()
  let batch: Uint8Array[] = []
  let bytes = 0
  let total = 0

  async function flush() {
    if (batch.length === 0) return
    if (!collection) throw new Failure('the dump is damaged: it has a document without a collection')
    for (const document of await writeBatch(collection, batch)) records.add(digestOf(document), document.length)
    total += batch.length
    written(total)
    batch = []
    bytes = 0
  }
  async function finish() {
    await flush()
    if (!collection) return
    const name = collection.collectionName
    // Exact, because the collection is new. `countDocuments` would read it into the memory of the embedded server.
    const count = await collection.estimatedDocumentCount()
    if (count !== records.count)
      throw new Failure(`${name} has ${count} documents after ${records.count} were restored`, 'Is a service running?')
    contents.push(contentOf(name, records))
  }

  for await (const frame of frames) {
    if (frame.kind === FRAME.collection) {
      await finish()
      collection = db.collection(jsonOf<{ name: string }>(frame).name)
      records = new SetDigest()
      continue
    }
    if (frame.kind !== FRAME.document) throw new Failure(`the dump is damaged: a record of the kind ${frame.kind}`)
    batch.push(frame.payload)
    bytes += frame.payload.length
    if (bytes >= PAGE_BYTES || batch.length >= LARGEST_PAGE) await flush()
  }
  await finish()
  return contents
}

/** Inserts documents and reads them back. Resolves with the stored documents. Fails if one differs from the dump. */
async function writeBatch(collection: Documents, batch: Uint8Array[]): Promise<Uint8Array[]> {
  await collection.insertMany(batch.map(document => exactDocument(document) as Stored))
  const expected = new Map(batch.map(document => [idName(idOf(document)), document]))
  const ids = batch.map(idOf)
  const stored = (await collection
    .find({ _id: { $in: ids } }, { raw: true, batchSize: ids.length })
    .toArray()) as unknown as Uint8Array[]
  for (const document of stored) {
    const name = idName(idOf(document))
    const source = expected.get(name)
    if (!source || !digestOf(source).equals(digestOf(document)))
      throw new Failure(`${collection.collectionName} ${name} differs from the backup after it was restored`)
    expected.delete(name)
  }
  for (const name of expected.keys())
    throw new Failure(`${collection.collectionName} ${name} is missing after it was restored`)
  return stored
}
