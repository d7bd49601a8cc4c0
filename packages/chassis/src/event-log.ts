import type { Redis } from 'ioredis'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Clock } from './clock.ts'
import { type CloudEvent, streamsOf } from './events.ts'
import { unavailable } from './problem.ts'
import { connected } from './redis.ts'
import { executed, trimBelowSlowestGroup } from './streams.ts'

export type EventLog = {
  /** Appends the events and returns the run of the log that took them. Rejects when any was not taken: then all are to be appended again. */
  append(events: CloudEvent[]): Promise<string>
  /** The ID of the log's present run. Another one than before means that it was restarted and may have lost its tail. */
  run(): Promise<string>
  /** Removes what every registered group has acknowledged; where no group is registered, what is older than ten minutes. */
  trim(): Promise<void>
}

type Options = {
  /** The event log's Redis, as this service's own user, with a limit to waiting. */
  redis: Redis
  service: string
  clock: Clock
  registry: Registry
  /** Entries at which the service stops appending, so that a consumer that is away can't fill the log. */
  cap?: number
}

/** Milliseconds that an entry stays while nobody is subscribed. */
const KEEP = 600_000

/** The stream `events.<service>` of the event log, for the service that publishes it. */
export function eventLog({ redis, service, clock, registry, cap = 100_000 }: Options): EventLog {
  const stream = streamsOf(service).events
  const metrics = logMetrics(registry)
  let length = 0
  // Without it, the first to ask would find a log that is away.
  const ready = connected(redis)

  async function append(events: CloudEvent[]) {
    await ready
    if (length >= cap) await trim()
    if (length >= cap) throw unavailable('The event log', 1, new Error(`${stream} has ${length} entries`))
    const pipeline = redis.pipeline().info('server')
    for (const event of events) pipeline.xadd(stream, '*', 'event', JSON.stringify(event))
    const replies = await executed(pipeline.xlen(stream))
    measure(Number(replies.at(-1)))
    // INFO went ahead of the events on the same connection, so this is the run that took them, or an older one.
    return runIn(String(replies[0]))
  }

  async function trim() {
    await ready
    await trimBelowSlowestGroup(redis, stream, clock.now().getTime() - KEEP)
    measure(await redis.xlen(stream))
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
    trim
  }
}

function runIn(info: string) {
  const run = /^run_id:(\w+)/m.exec(info)?.[1]
  if (!run) throw new Error('The event log did not tell its run_id')
  return run
}

function logMetrics(registry: Registry) {
  const registers = [registry]
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
