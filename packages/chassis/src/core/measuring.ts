import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Gauge, Registry } from 'prom-client'
import { failureLog } from './failure-log.ts'
import { type GaugeDefinition, measureAtScrape, register } from './metrics.ts'

/** How long (ms) a scrape waits for one measurement, so that a hanging store never hangs a scrape. */
const MEASURING_MS = 500

/** The values of a gauge's labels. */
type LabelValues<Label extends string> = Record<Label, string>

type MeasuredGauge<Label extends string> = {
  registry: Registry
  log: Logger
  metric: GaugeDefinition<Label>
  /** Called at each scrape. Undefined means that there is no figure now; the gauge then keeps its last one. */
  measure: () => Promise<number | undefined>
}

/**
 * Registers a gauge without labels that is measured at each scrape, as `updateAtScrape` does. It has no figure before the first
 * measurement. The log has one warning when measurements begin to fail.
 */
export function measuredGauge({ registry, log, metric, measure }: MeasuredGauge<never>) {
  const measuring = failureLog(log, `The metric ${metric.name} cannot be measured`)
  register(registry, metric).remove()
  async function update(gauge: Gauge<never>) {
    const figure = await measure()
    if (figure !== undefined) gauge.set(figure)
    measuring.succeeded()
  }
  updateAtScrape(registry, metric, update, measuring.failed)
}

/**
 * Registers a gauge, and calls `update` with it at each scrape, which waits for at most 500 ms. Scrapes at the same time share one update.
 * While updates fail or are late, the gauge keeps its last figures. By default, failures are not reported: for a store, `bulkhead_store_up`
 * does that.
 */
export function updateAtScrape<Label extends string>(
  registry: Registry,
  metric: GaugeDefinition<Label>,
  update: (gauge: Gauge<Label>) => Promise<void>,
  onFailure: (error: unknown) => void = () => undefined
) {
  const gauge = register(registry, metric)
  const updateOnce = shared(() =>
    update(gauge)
      .catch(onFailure)
      .then(() => true)
  )
  measureAtScrape(registry, metric, async () => {
    if (!(await inTime(updateOnce()))) onFailure(new Error(`No figure within ${MEASURING_MS} ms`))
  })
}

type LiveGauge<Label extends string> = {
  registry: Registry
  metric: GaugeDefinition<Label>
  labels?: LabelValues<Label>
  /** Called at each scrape. */
  value: () => number
}

/** Registers a gauge of a value that this process has in memory. */
export function liveGauge<Label extends string = never>({ registry, metric, labels, value }: LiveGauge<Label>) {
  measureAtScrape(registry, metric, gauge => gauge.set(labels ?? ({} as LabelValues<Label>), value()))
}

/** Returns a function that joins a running call of `read` instead of starting another one. */
export function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => {
    running ??= read().finally(() => {
      running = undefined
    })
    return running
  }
}

/** Resolves with the result of a measurement. Resolves with undefined if it takes longer than 500 ms; its rejection is then ignored. */
export async function inTime<T>(measurement: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController()
  const late = delay(MEASURING_MS, undefined, { ref: false, signal: timer.signal }).catch(() => undefined)
  try {
    return await Promise.race([measurement, late])
  } finally {
    timer.abort()
  }
}
