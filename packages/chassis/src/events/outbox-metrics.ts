import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { defineGauge, measuredGauge, shared } from '../core/index.ts'

const depth = defineGauge({
  name: 'bulkhead_outbox_depth',
  help: 'Stored events that are not in the event log yet, as far as this replica knows: its own, and all events if it sweeps'
})

const oldestAge = defineGauge({
  name: 'bulkhead_outbox_oldest_seconds',
  help: 'Age of the oldest event that is not in the event log yet'
})

/** The metrics of an outbox. */
export const outboxMetrics = [depth, oldestAge]

/** The unpublished events of an outbox: their number, and the time of the oldest (ms since the epoch). */
export type OutboxBacklog = { depth: number; oldest?: number | undefined }

/** Returns the backlog of events with these times. */
export const backlogOf = (times: number[]): OutboxBacklog => ({
  depth: times.length,
  oldest: times.length > 0 ? times.reduce((earliest, time) => Math.min(earliest, time)) : undefined
})

type MeasuredOutbox = {
  registry: Registry
  log: Logger
  /** Returns the time in milliseconds since the epoch. */
  now: () => number
  measure: () => Promise<OutboxBacklog>
}

/** Registers the depth and the age of an outbox, measured at each scrape. */
export function measureOutbox({ registry, log, now, measure }: MeasuredOutbox) {
  const read = shared(measure)
  measuredGauge({ registry, log, metric: depth, measure: async () => (await read()).depth })
  measuredGauge({
    registry,
    log,
    metric: oldestAge,
    async measure() {
      const { oldest } = await read()
      return oldest === undefined ? 0 : (now() - oldest) / 1000
    }
  })
}
