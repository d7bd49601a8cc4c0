import type { Logger } from 'pino'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { failureLog } from './failure-log.ts'

/**
 * The interval (ms) of the timer that measures the delay of the event loop. The figures include the interval: 100 ms means no delay. Node's
 * default of 10 ms costs an idle process half a per cent of a core.
 */
const DELAY_SAMPLE_MS = 100

/** Creates a registry with Node's own metrics. No metric has a label for the service, because Prometheus adds one. */
export function serviceMetrics(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: DELAY_SAMPLE_MS })
  return registry
}

type MeasuredGauge = {
  registry: Registry
  log: Logger
  name: string
  help: string
  /** Called at each scrape. */
  measure: () => Promise<number>
}

/**
 * Registers a gauge that is measured at each scrape; scrapes at the same time share one measurement. While measuring fails, the gauge keeps
 * its last figure, and the log has one warning.
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

/** Registers a gauge of a value that this process has in memory. */
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

/** Registers the histogram of the durations of requests. Use it as `observe({ operation, status }, seconds)`. */
export const requestDurations = (registry: Registry) =>
  new Histogram({
    name: 'bulkhead_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer',
    labelNames: ['operation', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry]
  })

/**
 * Registers the counter of unknown fields in requests of services. Such a field means that the caller is newer than this service, or wrong.
 */
export const unknownInput = (registry: Registry) =>
  new Counter({
    name: 'bulkhead_unknown_input_fields_total',
    help: 'Unknown fields and parameters in requests of services, which were left out',
    labelNames: ['operation'],
    registers: [registry]
  })
