import { connectMongo } from '@bulkhead/chassis/mongo'
import { lagOfAllGroups } from '@bulkhead/chassis/redis'
import { withEventLog } from '../../../packages/cli/src/event-log/event-log-connection.ts'
import { localUrl } from '../../../packages/cli/src/services/stack.ts'
import type { Testbed } from './testbed.ts'

/** Counts the waiting background tasks, by kind: events that are not handled or not sent, and webhooks. */
export async function pendingOf(testbed: Testbed): Promise<Record<string, number>> {
  const stores = testbed.stack.services.filter(({ store }) => store === 'mongodb').map(({ name }) => name)
  const unsent = stores.map(async name => [`unsent events of ${name}`, await unsentIn(testbed.storeUrl(name))] as const)
  const lags = withEventLog(testbed.stack, lagOfAllGroups)
  return Object.fromEntries([
    ...(await lags).map(({ stream, group, lag }) => [`${stream} for ${group}`, lag] as const),
    ...(await Promise.all(unsent)),
    ['webhooks of sandbox', await metricOf(testbed.replicas('sandbox')[0]!.operations, 'sandbox_webhooks_waiting')]
  ])
}

/** Counts the aggregates with unsent events. Reads them from the store, because possibly no replica knows of them. */
async function unsentIn(url: string): Promise<number> {
  const { db, close } = await connectMongo(url, 'faults')
  try {
    const unsent = { outbox: { $elemMatch: { sentAt: { $exists: false } } } }
    const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)
    const counts = await Promise.all(names.map(name => db.collection(name).countDocuments(unsent)))
    return counts.reduce((sum, count) => sum + count, 0)
  } finally {
    await close()
  }
}

async function metricOf(port: number, name: string): Promise<number> {
  const text = await (await fetch(`${localUrl(port)}/metrics`, { signal: AbortSignal.timeout(5_000) })).text()
  const value = text.match(new RegExp(`^${name} (\\S+)$`, 'm'))?.[1]
  if (value === undefined) throw new Error(`There is no metric ${name}`)
  return Number(value)
}
