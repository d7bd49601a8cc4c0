import type { Logger } from 'pino'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { failureLog } from './failure-log.ts'

/**
 * Milliseconds between two looks at the delay of the event loop, which are in its figures: 50 is no delay. Node's usual 10 take half a
 * per cent of a core of a process at rest.
 */
const LOOK_MS = 50

/** A registry with Node's own metrics, every metric labelled with nothing: the scraper knows the service. */
export function serviceMetrics(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOK_MS })
  return registry
}

type MeasuredGauge = {
  registry: Registry
  log: Logger
  name: string
  help: string
  /** Asked at each scrape. */
  measure: () => Promise<number>
}

/**
 * Registers a figure that is measured at each scrape; scrapes at the same time share one measurement. While that fails the last figure stays,
 * and the log has one line.
 */
export function measuredGauge({ registry, log, name, help, measure }: MeasuredGauge) {
  const measuring = failureLog(log, `The metric ${name} cannot be measured`)
  let last = 0
  let current: Promise<void> | undefined
  async function update() {
    try {
      last = await measure()
      measuring.succeeded()
    } catch (error) {
      measuring.failed(error)
    }
  }
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      current ??= update().finally(() => {
        current = undefined
      })
      await current
      this.set(last)
    }
  })
}

type LiveGauge = {
  registry: Registry
  name: string
  help: string
  /** Called at each scrape. */
  value: () => number
}

/** Registers a gauge of what this process has in memory. */
export function liveGauge({ registry, name, help, value }: LiveGauge) {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(value())
    }
  })
}

/** Observes answers: `observe({ operation, status }, seconds)`. */
export const requestDurations = (registry: Registry) =>
  new Histogram({
    name: 'bulkhead_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer',
    labelNames: ['operation', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry]
  })

/** Counts unknown fields in requests of services: the caller is newer than this service, or wrong. */
export const unknownInput = (registry: Registry) =>
  new Counter({
    name: 'bulkhead_unknown_input_fields_total',
    help: 'Unknown fields and parameters in requests of services, which were left out',
    labelNames: ['operation'],
    registers: [registry]
  })
