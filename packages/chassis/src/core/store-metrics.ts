import type { Registry } from 'prom-client'
import { inTime, shared } from './measuring.ts'
import { defineGauge, defineHistogram, measureAtScrape, register } from './metrics.ts'

/** A store, as metrics name it: the service's own one, or the event log. */
export type StoreName = 'mongodb' | 'redis' | 'event-log'

const STORES: StoreName[] = ['mongodb', 'redis', 'event-log']

const storeUp = defineGauge({
  name: 'bulkhead_store_up',
  help: '1 if the store answered a ping of this replica within 500 ms at the scrape, else 0',
  labels: { store: STORES }
})

const storeCommands = defineHistogram({
  name: 'bulkhead_store_command_duration_seconds',
  help: 'Time from sending a command to a store until its answer, without commands that wait for new entries',
  labels: { store: STORES, command: 'the name of the command', outcome: ['ok', 'error'] },
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
})

/** The metrics of every store. */
export const storeMetrics = [storeUp, storeCommands]

/** Registers whether a store is up. `ping` asks it at each scrape; scrapes at the same time share one ping. */
export function measureStoreUp(registry: Registry, store: StoreName, ping: () => Promise<unknown>) {
  const ask = shared(async () => {
    try {
      await ping()
      return 1
    } catch {
      return 0 // The figure itself reports the failure.
    }
  })
  measureAtScrape(registry, storeUp, async gauge => gauge.set({ store }, (await inTime(ask())) ?? 0))
}

/** Records a command that a store has answered, or that has failed. */
export type CommandObserver = (command: string, seconds: number, isOk: boolean) => void

/** Registers the durations of a store's commands, and returns the function that records one. */
export function observeCommands(registry: Registry, store: StoreName): CommandObserver {
  const durations = register(registry, storeCommands)
  const known = new Set<string>()
  return (command, seconds, isOk) => {
    if (!known.has(command)) register(registry, storeCommands, { store: [store], command: [command] })
    known.add(command)
    durations.observe({ store, command, outcome: isOk ? 'ok' : 'error' }, seconds)
  }
}
