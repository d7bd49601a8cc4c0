import { defineEvent, pendingEvent, toCloudEvent } from '@bulkhead/chassis/contract'
import { continueTrace } from '@bulkhead/chassis/core'
import type { EventHandler } from '@bulkhead/chassis/events'
import type { Redis } from 'ioredis'
import type { Db } from 'mongodb'
import { aggregateEvents } from './mongo-database.ts'
import { waitingEvents } from './redis-database.ts'
import { silentLog } from './silent.ts'

/** The time until a handler's deadline, in milliseconds. */
const HANDLING_MS = 5_000

/** Calls a service's handler of an event type as the event log does, with a new event about `subject`. Rejects if the handler rejects. */
export async function deliver({ on }: { on: Record<string, EventHandler> }, type: string, subject: string) {
  const handle = on[type]
  if (!handle) throw new Error(`The service does not handle ${type}`)
  const traceparent = continueTrace(undefined)
  const pending = pendingEvent(defineEvent({ type, summary: '' }), 1, new Date(), { traceparent })
  const event = toCloudEvent(type.split('.')[0]!, subject, pending)
  await handle(event, { requestId: event.id, traceparent, deadline: Date.now() + HANDLING_MS, log: silentLog })
}

/** Returns the type and version of each event about an aggregate that a service on MongoDB or Redis has not published yet. */
export async function eventsOf(store: { db: Db } | { redis: Redis }, id: string): Promise<[string, number][]> {
  if ('redis' in store) {
    const outboxes = await store.redis.keys('*:outbox')
    const events = outboxes.map(key => waitingEvents(store.redis, key.replace(/:outbox$/, ''), id))
    return (await Promise.all(events)).flat()
  }
  const collections = await store.db.listCollections().toArray()
  return (await Promise.all(collections.map(({ name }) => aggregateEvents(store.db, name, id)))).flat()
}
