import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { measuredGauge } from '../core/index.ts'

/** The unpublished events of an outbox: their number, and the time of the oldest (ms since the epoch). */
export type OutboxBacklog = { depth: number; oldest?: number | undefined }

/** Returns the backlog of events with these times. */
export const backlogOf = (times: number[]): OutboxBacklog => ({
  depth: times.length,
  oldest: times.length > 0 ? times.reduce((earliest, time) => Math.min(earliest, time)) : undefined
})

type OutboxMetrics = {
  registry: Registry
  log: Logger
  /** Returns the time in milliseconds since the epoch. */
  now: () => number
  measure: () => Promise<OutboxBacklog>
}

/** Registers the depth and the age of an outbox, measured at each scrape. */
export function outboxMetrics({ registry, log, now, measure }: OutboxMetrics) {
  measuredGauge({
    registry,
    log,
    name: 'bulkhead_outbox_depth',
    help: 'Stored events that are not in the event log yet, as far as this replica knows: its own, and all events if it sweeps',
    measure: async () => (await measure()).depth
  })
  measuredGauge({
    registry,
    log,
    name: 'bulkhead_outbox_oldest_seconds',
    help: 'Age of the oldest event that is not in the event log yet',
    async measure() {
      const { oldest } = await measure()
      return oldest === undefined ? 0 : (now() - oldest) / 1000
    }
  })
}
