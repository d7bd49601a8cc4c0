import { Gauge, type Registry } from 'prom-client'

/** What waits in an outbox: how many events, and since when the oldest of them (ms since the epoch). */
export type OutboxBacklog = { depth: number; oldest?: number | undefined }

/** The backlog of events that were stored at these times. */
export const backlogOf = (times: number[]): OutboxBacklog => ({
  depth: times.length,
  oldest: times.length > 0 ? times.reduce((one, other) => Math.min(one, other)) : undefined
})

/** Registers depth and age of an outbox, measured at each scrape. Where that fails, the last figures stay. */
export function outboxMetrics(registry: Registry, now: () => number, measure: () => Promise<OutboxBacklog>) {
  let last: OutboxBacklog = { depth: 0 }
  const measured = async () => {
    last = await measure().catch(() => last)
    return last
  }
  new Gauge({
    name: 'bulkhead_outbox_depth',
    help: 'Events stored that are not in the event log yet, as far as this replica knows: its own, and all where it sweeps',
    registers: [registry],
    async collect() {
      this.set((await measured()).depth)
    }
  })
  new Gauge({
    name: 'bulkhead_outbox_oldest_seconds',
    help: 'Age of the oldest event that is not in the event log yet',
    registers: [registry],
    async collect() {
      const { oldest } = await measured()
      this.set(oldest === undefined ? 0 : (now() - oldest) / 1000)
    }
  })
}
