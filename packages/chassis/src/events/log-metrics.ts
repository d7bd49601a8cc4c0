import type { Redis } from 'ioredis'
import type { Counter, Gauge, Registry } from 'prom-client'
import { defineCounter, defineGauge, register, updateAtScrape } from '../core/index.ts'
import { type GroupProgress, groupsOf, type MemoryMetrics, measureMemory, measureRedis } from '../redis/index.ts'

const published = defineCounter({
  name: 'bulkhead_events_published_total',
  help: 'Events appended to the event log',
  labels: { type: 'the type of the event' }
})

const failures = defineCounter({
  name: 'bulkhead_events_publish_failures_total',
  help: 'Batches that the event log refused'
})

const stopped = defineGauge({
  name: 'bulkhead_relay_stopped',
  help: '1 while the event log accepts no events, because it is away or full'
})

const entries = defineGauge({ name: 'bulkhead_event_log_entries', help: 'Entries in the stream of this service' })

const cap = defineGauge({
  name: 'bulkhead_event_log_cap_entries',
  help: 'Entries that the stream of this service may have. At the cap, the service stops publishing'
})

const unread = defineGauge({
  name: 'bulkhead_event_log_unread',
  help: 'Entries of this service that a subscriber has not handled. If it is gone for good: bulkhead events forget',
  labels: { subscriber: 'the name of the service that subscribes' }
})

/** The metrics of a service that publishes events. */
export const publisherMetrics = [published, failures, stopped, entries, cap, unread]

const memory: MemoryMetrics = {
  used: defineGauge({
    name: 'bulkhead_event_log_bytes',
    help: 'Memory that the event log uses. At its limit it refuses events'
  }),
  limit: defineGauge({
    name: 'bulkhead_event_log_limit_bytes',
    help: 'Memory that the event log may use; 0 if it has no limit'
  })
}

/** The metrics of a service that uses the event log. */
export const logMetrics = [memory.used, memory.limit]

/** Registers the metrics of the connection to the event log: whether it answers, its commands and its memory. */
export function measureEventLog(redis: Redis, registry: Registry) {
  measureRedis(redis, registry, 'event-log')
  measureMemory(redis, registry, memory)
}

/** The metrics of a publisher. */
type PublisherMetrics = {
  published: Counter<'type'>
  failures: Counter
  stopped: Gauge
  entries: Gauge
}

/** The stream of a publisher, with the maximum number of its entries. */
type Stream = { redis: Redis; stream: string; capEntries: number }

/** Registers the metrics of a service that publishes to a stream. */
export function registerPublisher(registry: Registry, { redis, stream, capEntries }: Stream): PublisherMetrics {
  register(registry, cap).set(capEntries)
  updateAtScrape(registry, unread, async gauge => {
    const groups: GroupProgress[] = await groupsOf(redis, stream)
    gauge.reset()
    for (const { group, lag } of groups) gauge.set({ subscriber: group }, lag)
  })
  return {
    published: register(registry, published),
    failures: register(registry, failures),
    stopped: register(registry, stopped),
    entries: register(registry, entries)
  }
}

/** Registers the published events of these types at 0. */
export function expectEvents(registry: Registry, type: string[]) {
  register(registry, published, { type })
}
