import { type Db, MongoClient } from 'mongodb'
import type { Registry } from 'prom-client'
import { type FaultPoint, isTracing, noFault, unavailable } from '../core/index.ts'
import { keepActiveInLists } from './active-lists.ts'
import { traceCommands } from './command-spans.ts'
import { mendWritesOfBrokenConnections } from './mongo-driver.ts'
import { isTemporary } from './mongo-errors.ts'
import { measureMongo, observeClient } from './mongo-metrics.ts'
import { writeOf } from './store-writes.ts'

/** How long (ms) to look for a server that answers. */
const SELECTION_MS = 2_000
/** How long (ms) to wait for a connection of the pool, and for an answer. */
const WAIT_MS = 5_000

/** A connection to a service's database. `close` ends it. */
export type MongoConnection = { db: Db; close: () => Promise<void> }

/**
 * Connects to a service's own MongoDB store. The URL names its database. Rejects if the store can't be reached, so that the service does
 * not start without it. If the store becomes unavailable later, the driver reconnects by itself. `passFaultPoint` is called before and
 * after each write, or batch of writes, with its name from `writeOf`. With `registry`, registers the metrics of the store.
 */
export async function connectMongo(
  url: string,
  appName: string,
  passFaultPoint: FaultPoint = noFault,
  registry?: Registry
): Promise<MongoConnection> {
  const watched = passFaultPoint !== noFault
  mendWritesOfBrokenConnections()
  const client = new MongoClient(url, {
    appName,
    maxPoolSize: 20,
    serverSelectionTimeoutMS: SELECTION_MS,
    socketTimeoutMS: WAIT_MS,
    waitQueueTimeoutMS: WAIT_MS,
    connectTimeoutMS: SELECTION_MS,
    // MongoDB acknowledges a write once it is on the disk of the majority of replicas, so that a fail-over loses no write.
    journal: true,
    w: 'majority',
    monitorCommands: watched || isTracing()
  })
  keepActiveInLists(client)
  if (watched) passWrites(client, passFaultPoint)
  if (registry) observeClient(client, registry)
  if (isTracing()) traceCommands(client)
  await client.connect()
  if (registry) measureMongo(client.db(), registry)
  return { db: client.db(), close: () => client.close() }
}

/** Calls `passFaultPoint` before and after each write. */
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

/** Converts an error after which the same operation may succeed (see `isTemporary`) to a 503. Returns any other error unchanged. */
export const mongoProblem = (error: unknown): unknown =>
  isTemporary(error) ? unavailable('The store', 1, error) : error
