import { newTrace, pendingEvent, streamsOf, toCloudEvent } from '@bulkhead/chassis/contract'
import { createGroup, executePipeline, groupsOf } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import type { LogPosition } from '../dump/manifest.ts'
import { customerErased, type ErasedPeople } from './people.ts'

const BATCH = 500
/** An erasure that was handled this long (ms) before a backup is in the backup. */
const MARGIN_MS = 3_600_000

/** Returns how far a service has read the streams of these publishers. */
export async function logPositions(redis: Redis, service: string, publishers: string[]): Promise<LogPosition[]> {
  const positions = publishers.map(async publisher => {
    const stream = streamsOf(publisher).events
    const own = (await groupsOf(redis, stream)).find(({ group }) => group === service)
    return own ? [{ stream, lastDelivered: own.lastDelivered, unread: own.lag }] : []
  })
  return (await Promise.all(positions)).flat()
}

/**
 * Makes the event log deliver again to a restored service all events that it still has, because the restored records do not know those that
 * were handled after the backup. Events that the records do know change nothing.
 */
export async function deliverAgain(redis: Redis, service: string, publishers: string[]): Promise<void> {
  for (const publisher of publishers) {
    const stream = streamsOf(publisher).events
    await createGroup(redis, service, stream)
    await redis.xgroup('SETID', stream, service, '0')
  }
}

/**
 * Appends to the event log the erasures that the restored records of a service may not know: those since the backup, and those that the
 * service had not reported. Every subscriber handles them once more, which changes nothing. Resolves with the number of
 * people who were erased since the backup.
 */
export async function deliverErasures(
  redis: Redis,
  {
    service,
    publisher,
    people,
    backedUpAt
  }: { service: string; publisher: string; people: ErasedPeople; backedUpAt: Date }
): Promise<number> {
  const since = backedUpAt.getTime() - MARGIN_MS
  const missing = [...people.values()].filter(
    ({ at, reported }) => at.getTime() >= since || !reported.includes(service)
  )
  const { events } = streamsOf(publisher)
  for (let start = 0; start < missing.length; start += BATCH) {
    const appending = redis.pipeline()
    for (const { id, version } of missing.slice(start, start + BATCH)) {
      const pending = pendingEvent(customerErased, version, new Date(), newTrace())
      appending.xadd(events, '*', 'event', JSON.stringify(toCloudEvent(publisher, id, pending)))
    }
    await executePipeline(appending)
  }
  return missing.filter(({ at }) => at > backedUpAt).length
}
