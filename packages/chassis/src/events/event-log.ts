import type { Redis } from 'ioredis'
import { Counter, Gauge, type Registry } from 'prom-client'
import { type CloudEvent, streamsOf } from '../contract/index.ts'
import { type Clock, EVENT_LOG_CAP, unavailable } from '../core/index.ts'
import { executePipeline, type GroupProgress, groupsOf, trimStream, waitUntilConnected } from '../redis/index.ts'

export type EventLog = {
  /** Appends the events and returns the run of the log that took them. Rejects when any was not taken: then all are to be appended again. */
  append(events: CloudEvent[]): Promise<string>
  /** The ID of the log's present run. Another one than before means that it was restarted and may have lost its tail. */
  run(): Promise<string>
  /**
   * Removes what every registered group has acknowledged. Where no group is registered, removes what is older than ten minutes, and the
   * oldest entries beyond nine tenths of the cap.
   */
  trim(): Promise<void>
}

type Options = {
  /** The event log's Redis, as this service's own user, with a limit to waiting. */
  redis: Redis
  service: string
  clock: Clock
  registry: Registry
  /**
   * Entries of the stream at most. At the cap the service stops appending while a group has not read them, so that a subscriber that is
   * away can't fill the log. A stream without a group loses its oldest entries instead.
   */
  cap?: number
}

/** Milliseconds that an entry stays while nobody is subscribed. */
const KEEP = 600_000
/** The part of the cap that an entry stays in while nobody is subscribed: the rest is room until the next trimming. */
const KEPT_PART = 0.9

/** The stream `events.<service>` of the event log, for the service that publishes it. */
export function eventLog({ redis, service, clock, registry, cap = EVENT_LOG_CAP }: Options): EventLog {
  const stream = streamsOf(service).events
  const metrics = logMetrics(registry, () => groupsOf(redis, stream))
  let length = 0
  // Without it, the first to ask would find a log that is away.
  const ready = waitUntilConnected(redis)

  async function append(events: CloudEvent[]) {
    await ready
    const groups = length >= cap ? await trim() : []
    if (length >= cap && groups.length > 0) throw unavailable('The event log', 1, new Error(whyFull(groups)))
    const pipeline = redis.pipeline().info('server')
    for (const event of events) pipeline.xadd(stream, '*', 'event', JSON.stringify(event))
    const replies = await executePipeline(pipeline.xlen(stream))
    measure(Number(replies.at(-1)))
    // INFO went ahead of the events on the same connection, so this is the run that took them, or an older one.
    return runIn(String(replies[0]))
  }

  async function trim() {
    await ready
    const retention = { since: clock.now().getTime() - KEEP, most: Math.floor(cap * KEPT_PART) }
    const groups = await trimStream(redis, stream, retention)
    measure(await redis.xlen(stream))
    return groups
  }

  function whyFull(groups: GroupProgress[]) {
    const { group, lag } = groups.reduce((one, other) => (one.lag < other.lag ? other : one))
    return (
      `${stream} has ${length} entries, and ${group} has not handled ${lag} of them. ` +
      `Start ${group}, or, if it is gone for good: bulkhead events forget ${service} ${group}`
    )
  }

  function measure(entries: number) {
    length = entries
    metrics.length.set(entries)
  }

  return {
    async append(events) {
      try {
        const run = await append(events)
        for (const event of events) metrics.published.inc({ type: event.type })
        metrics.stopped.set(0)
        return run
      } catch (error) {
        metrics.failures.inc()
        metrics.stopped.set(1)
        throw error
      }
    },
    async run() {
      await ready
      return runIn(await redis.info('server'))
    },
    async trim() {
      await trim()
    }
  }
}

function runIn(info: string) {
  const run = /^run_id:(\w+)/m.exec(info)?.[1]
  if (!run) throw new Error('The event log did not tell its run_id')
  return run
}

function logMetrics(registry: Registry, groups: () => Promise<GroupProgress[]>) {
  const registers = [registry]
  new Gauge({
    name: 'bulkhead_event_log_unread',
    help: 'Entries in the stream of this service that a subscriber has not handled. It grows for one that is gone: bulkhead events forget',
    labelNames: ['subscriber'],
    registers,
    async collect() {
      const measured = await groups().catch(() => undefined)
      if (!measured) return // the last figures stay
      this.reset()
      for (const { group, lag } of measured) this.set({ subscriber: group }, lag)
    }
  })
  return {
    published: new Counter({
      name: 'bulkhead_events_published_total',
      help: 'Events appended to the event log',
      labelNames: ['type'],
      registers
    }),
    failures: new Counter({
      name: 'bulkhead_events_publish_failures_total',
      help: 'Batches the event log did not take',
      registers
    }),
    stopped: new Gauge({
      name: 'bulkhead_relay_stopped',
      help: '1 while the event log takes nothing, because it is away or at its size cap',
      registers
    }),
    length: new Gauge({
      name: 'bulkhead_event_log_entries',
      help: 'Entries in the stream of this service',
      registers
    })
  }
}
