import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { measuredGauge } from '../core/index.ts'

/** What waits in an outbox: how many events, and since when the oldest of them (ms since the epoch). */
export type OutboxBacklog = { depth: number; oldest?: number | undefined }

/** The backlog of events that were stored at these times. */
export const backlogOf = (times: number[]): OutboxBacklog => ({
  depth: times.length,
  oldest: times.length > 0 ? times.reduce((one, other) => Math.min(one, other)) : undefined
})

type OutboxMetrics = {
  registry: Registry
  log: Logger
  /** Milliseconds since the epoch. */
  now: () => number
  measure: () => Promise<OutboxBacklog>
}

/** Registers depth and age of an outbox, measured at each scrape. */
export function outboxMetrics({ registry, log, now, measure }: OutboxMetrics) {
  measuredGauge({
    registry,
    log,
    name: 'bulkhead_outbox_depth',
    help: 'Events stored that are not in the event log yet, as far as this replica knows: its own, and all where it sweeps',
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
