import type { Redis } from 'ioredis'
import type { Registry } from 'prom-client'
import { type CloudEvent, streamsOf } from '../contract/index.ts'
import { type Clock, EVENT_LOG_CAP, unavailable } from '../core/index.ts'
import { executePipeline, type GroupProgress, trimStream, waitUntilConnected } from '../redis/index.ts'
import { tracePublishing } from './event-spans.ts'
import { registerPublisher } from './log-metrics.ts'

/** The event log, for the service that publishes. */
export type EventLog = {
  /**
   * Appends the events, and returns the ID of the log's run that accepted them. Rejects if the log refused any event; then append all of
   * them again.
   */
  append(events: CloudEvent[]): Promise<string>
  /** Returns the ID of the log's current run. A new ID means that the log was restarted, and may have lost its last entries. */
  run(): Promise<string>
  /**
   * Removes the entries that every registered group has acknowledged. Without groups, removes entries older than ten minutes, and the
   * oldest entries beyond nine tenths of the cap.
   */
  trim(): Promise<void>
}

type Options = {
  /** The connection to the event log's Redis, as this service's own user, with a time-out. */
  redis: Redis
  service: string
  clock: Clock
  registry: Registry
  /**
   * Maximum number of entries in the stream. At the cap, the service stops appending until every group has handled the oldest entries, so
   * that a stopped subscriber can't fill the log. A stream without groups loses its oldest entries instead.
   */
  cap?: number
}

/** How long (ms) entries are kept while no group is registered. */
const KEEP_MS = 600_000
/** The fraction of the cap that is kept while no group is registered. The rest is room for entries until the next trim. */
const KEPT_PART = 0.9

/** Opens the stream `events.<service>` of the event log for its publisher. */
export function eventLog({ redis, service, clock, registry, cap = EVENT_LOG_CAP }: Options): EventLog {
  const stream = streamsOf(service).events
  const metrics = registerPublisher(registry, { redis, stream, capEntries: cap })
  let length = 0
  // Without this wait, the first command would fail, because the connection is not ready yet.
  const ready = waitUntilConnected(redis)

  async function append(events: CloudEvent[]) {
    await ready
    const groups = length >= cap ? await trim() : []
    if (length >= cap && groups.length > 0) throw unavailable('The event log', 1, new Error(describeFullLog(groups)))
    const pipeline = redis.pipeline().info('server')
    for (const event of events) pipeline.xadd(stream, '*', 'event', JSON.stringify(event))
    const replies = await executePipeline(pipeline.xlen(stream))
    measure(Number(replies.at(-1)))
    // INFO was sent before the events on the same connection. So the run in its reply accepted the events, or an older run did.
    return runIdIn(String(replies[0]))
  }

  async function trim() {
    await ready
    const retention = { since: clock.now().getTime() - KEEP_MS, maxEntries: Math.floor(cap * KEPT_PART) }
    const groups = await trimStream(redis, stream, retention)
    measure(await redis.xlen(stream))
    return groups
  }

  function describeFullLog(groups: GroupProgress[]) {
    const { group, lag } = groups.reduce((one, other) => (one.lag < other.lag ? other : one))
    return (
      `${stream} has ${length} entries, and ${group} has not handled ${lag} of them. ` +
      `Start ${group}, or, if it is gone for good: bulkhead events forget ${service} ${group}`
    )
  }

  function measure(entries: number) {
    length = entries
    metrics.entries.set(entries)
  }

  return {
    async append(events) {
      try {
        const run = await tracePublishing(stream, events, append)
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
      return runIdIn(await redis.info('server'))
    },
    async trim() {
      await trim()
    }
  }
}

function runIdIn(info: string) {
  const run = /^run_id:(\w+)/m.exec(info)?.[1]
  if (!run) throw new Error('The answer of the event log has no run_id')
  return run
}
