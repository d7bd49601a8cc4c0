import type { ConnectionReadyEvent, Db, MongoClient } from 'mongodb'
import type { Registry } from 'prom-client'
import {
  defineGauge,
  liveGauge,
  measureStoreUp,
  observeCommands,
  register,
  shared,
  storeMetrics,
  updateAtScrape
} from '../core/index.ts'
import { type CommandEnd, reportCommandTimes } from './command-times.ts'

const connections = defineGauge({
  name: 'bulkhead_store_pool_connections',
  help: 'Connections of this replica to the store',
  labels: { state: ['in_use', 'idle'] }
})

const waiting = defineGauge({
  name: 'bulkhead_store_pool_waiting',
  help: 'Operations of this replica that wait for a connection to the store'
})

const maxConnections = defineGauge({
  name: 'bulkhead_store_pool_max_connections',
  help: 'Connections that this replica may have to each server of the store'
})

const volume = defineGauge({
  name: 'bulkhead_store_volume_bytes',
  help: "Size of the file system with the store's data, if the store reports it"
})

const volumeUsed = defineGauge({
  name: 'bulkhead_store_volume_used_bytes',
  help: "Used bytes of the file system with the store's data, if the store reports them"
})

/** The metrics of a service's own MongoDB. */
export const mongoMetrics = [...storeMetrics, connections, waiting, maxConnections, volume, volumeUsed]

/** Registers the durations of the commands of a client, and the use of its pools. Call it before the client connects. */
export function observeClient(client: MongoClient, registry: Registry) {
  const observe = observeCommands(registry, 'mongodb')
  reportCommandTimes()
  client.on('commandSucceeded', ({ commandName, duration }: CommandEnd) => observe(commandName, duration / 1000, true))
  client.on('commandFailed', ({ commandName, duration }: CommandEnd) => observe(commandName, duration / 1000, false))
  observePools(client, registry)
}

/** An event about a connection. Connections of different servers may have the same ID. */
type PoolEvent = Pick<ConnectionReadyEvent, 'address' | 'connectionId'>

/** Counts the connections of all pools of a client: it has one pool for each server. */
function observePools(client: MongoClient, registry: Registry) {
  // A connection may close before it is ready.
  const ready = new Set<string>()
  const keyOf = ({ address, connectionId }: PoolEvent) => `${address} ${connectionId}`
  let inUse = 0
  let queue = 0
  client.on('connectionReady', event => void ready.add(keyOf(event)))
  client.on('connectionClosed', event => void ready.delete(keyOf(event)))
  client.on('connectionCheckOutStarted', () => void queue++)
  client.on('connectionCheckOutFailed', () => void queue--)
  client.on('connectionCheckedOut', () => {
    queue--
    inUse++
  })
  client.on('connectionCheckedIn', () => void inUse--)
  liveGauge({ registry, metric: connections, labels: { state: 'in_use' }, value: () => inUse })
  liveGauge({ registry, metric: connections, labels: { state: 'idle' }, value: () => ready.size - inUse })
  liveGauge({ registry, metric: waiting, value: () => queue })
  register(registry, maxConnections).set(client.options.maxPoolSize)
}

/** Registers whether a database answers, and how full its volume is. */
export function measureMongo(db: Db, registry: Registry) {
  measureStoreUp(registry, 'mongodb', () => db.command({ ping: 1 }))
  // Without this, a gauge without labels would begin at 0, and 0 would mean an empty volume.
  for (const metric of [volume, volumeUsed]) register(registry, metric).remove()
  const read = shared(() => readVolume(db))
  updateAtScrape(registry, volume, async gauge => {
    const size = (await read())?.size
    if (size !== undefined) gauge.set(size)
  })
  updateAtScrape(registry, volumeUsed, async gauge => {
    const used = (await read())?.used
    if (used !== undefined) gauge.set(used)
  })
}

/** Returns the bytes of the file system with the data of a database. Undefined if the server does not report them. */
async function readVolume(db: Db): Promise<{ size: number; used: number } | undefined> {
  const { fsTotalSize, fsUsedSize } = await db.command({ dbStats: 1 })
  return fsTotalSize === undefined ? undefined : { size: fsTotalSize, used: fsUsedSize }
}
