import { type Db, MongoClient } from 'mongodb'
import { type FaultPoint, noFault, unavailable } from '../core/index.ts'
import { keepActiveInLists } from './mongo-driver.ts'
import { isTemporary } from './mongo-errors.ts'
import { writeOf } from './store-writes.ts'

/** Milliseconds: to find a server that answers, and to wait for a connection of the pool or for an answer. */
const SELECTION_MS = 2_000
const WAIT_MS = 5_000

/**
 * A service's own MongoDB store, from a URL that names its database. Fails when it can't be reached: a store of records gates the
 * start. When it goes away later the driver connects again by itself. `at` is passed before and after each write, with its name as `writeOf` has it; a batch is one.
 */
export async function connectMongo(
  url: string,
  appName: string,
  passFaultPoint: FaultPoint = noFault
): Promise<{ db: Db; close: () => Promise<void> }> {
  const watched = passFaultPoint !== noFault
  const client = new MongoClient(url, {
    appName,
    maxPoolSize: 20,
    serverSelectionTimeoutMS: SELECTION_MS,
    socketTimeoutMS: WAIT_MS,
    waitQueueTimeoutMS: WAIT_MS,
    connectTimeoutMS: SELECTION_MS,
    // A write is acknowledged once it is on disk, and on most replicas where there are some: a fail-over loses none.
    journal: true,
    w: 'majority',
    // What is stored was UTF-8 when it came in (readJson): looking at each character again is a fiftieth of a read's time.
    enableUtf8Validation: false,
    monitorCommands: watched
  })
  keepActiveInLists(client)
  if (watched) passWrites(client, passFaultPoint)
  await client.connect()
  return { db: client.db(), close: () => client.close() }
}

function passWrites(client: MongoClient, passFaultPoint: FaultPoint) {
  const underWay = new Map<number, string>()
  client.on('commandStarted', ({ requestId, commandName, command }) => {
    const write = writeOf(commandName, command)
    if (write === undefined) return
    underWay.set(requestId, write)
    passFaultPoint('before-write', write)
  })
  client.on('commandSucceeded', ({ requestId }) => {
    const write = underWay.get(requestId)
    if (underWay.delete(requestId)) passFaultPoint('after-write', write)
  })
  client.on('commandFailed', ({ requestId }) => underWay.delete(requestId))
}

/** A 503 for an error after which the same operation may succeed, see `isTemporary`; any other error as it is. */
export const mongoProblem = (error: unknown) => (isTemporary(error) ? unavailable('The store', 1, error) : error)
