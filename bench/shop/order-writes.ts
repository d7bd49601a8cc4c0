import { setTimeout as delay } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { Failure } from '../../packages/cli/src/failure.ts'
import { startServices } from '../testbed/services.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { LIMITS, ORDER_PATH, openShop } from './shop.ts'
import { type Write, writeCounter } from './write-counter.ts'

/**
 * The documents that an order writes in the store of one service. `events` are removed from the outboxes ten minutes after they were
 * published.
 */
export type OrderWrites = { service: string; inserts: number; updates: number; events: number }

const ORDERS = 20
/** Collections that services write regularly, even without orders. */
const BY_THE_CLOCK = ['leases', 'reconciliation']
/** Times in ms. After a pause of `QUIET` without writes, all writes are done. The pause must begin within `LIMIT`. */
const [QUIET, LIMIT] = [1_000, 20_000]

/**
 * Counts the documents that 20 orders of one piece, one after the other, write to each service's store. Proxies between the services and
 * their stores count them.
 */
export async function countOrderWrites(testbed: Testbed, portBase: number): Promise<OrderWrites[]> {
  const writes: (Write & { service: string })[] = []
  const storeProxy = async (service: string, url: string) => {
    if (!url.startsWith('mongodb:')) return url
    const counter = await writeCounter(url, write => {
      if (!BY_THE_CLOCK.includes(write.collection)) writes.push({ service, ...write })
    })
    testbed.onClear(counter.close)
    return counter.url
  }
  const running = await startServices(testbed, { services: ORDER_PATH, portBase, environment: LIMITS, storeProxy })
  const { order } = await openShop(testbed, running)
  await order()
  await waitUntilQuiet(() => writes.length)
  const before = await countStoredEvents(running.storeUrls)
  writes.length = 0
  for (let count = 0; count < ORDERS; count++) await order()
  await waitUntilQuiet(() => writes.length)
  const after = await countStoredEvents(running.storeUrls)
  const named = writes.map(
    ({ service, collection, command, documents }) => `${service}: ${command} ${documents} ${collection}`
  )
  for (const [write, all] of Map.groupBy(named, name => name)) testbed.say(`${write}, ${all.length} times`)
  return [...Map.groupBy(writes, ({ service }) => service)].map(([service, all]) => {
    const sum = (some: Write[]) => some.reduce((sum, { documents }) => sum + documents, 0) / ORDERS
    const [inserted, changed] = [true, false].map(is => all.filter(({ command }) => (command === 'insert') === is))
    const events = ((after[service] ?? 0) - (before[service] ?? 0)) / ORDERS
    return { service, inserts: sum(inserted!), updates: sum(changed!), events }
  })
}

async function waitUntilQuiet(count: () => number) {
  let last = { count: count(), at: performance.now() }
  for (const limit = performance.now() + LIMIT; performance.now() < limit; await delay(50)) {
    if (count() !== last.count) last = { count: count(), at: performance.now() }
    if (performance.now() - last.at > QUIET) return
  }
  throw new Failure('the services do not come to rest')
}

/** Counts the events in all outboxes, by service. */
async function countStoredEvents(storeUrls: Record<string, string>) {
  const kept: Record<string, number> = {}
  for (const [service, url] of Object.entries(storeUrls)) {
    if (!url.startsWith('mongodb:')) continue
    const client = await MongoClient.connect(url)
    try {
      for (const collection of await client.db().collections()) {
        const documents = collection.find<{ outbox: unknown[] }>({ 'outbox.0': { $exists: true } })
        for await (const { outbox } of documents) kept[service] = (kept[service] ?? 0) + outbox.length
      }
    } finally {
      await client.close()
    }
  }
  return kept
}
