import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The metrics of a registry's clients. Their label `target` names the client's target. */
export type ClientMetrics = {
  /** The time of a call with its retries, in seconds. */
  durations: Histogram<'target' | 'operation' | 'outcome'>
  retries: Counter<'target' | 'operation'>
  /** 1 while a circuit is open or being tried, else 0. */
  circuitOpen: Gauge<'target' | 'operation'>
  queueLength: Gauge<'target'>
}

const metricsOf = new WeakMap<Registry, ClientMetrics>()

/** Returns the metrics of a registry's clients, and registers them at the first call. */
export function clientMetricsOf(registry: Registry): ClientMetrics {
  const metrics = metricsOf.get(registry) ?? clientMetrics(registry)
  metricsOf.set(registry, metrics)
  return metrics
}

function clientMetrics(registry: Registry): ClientMetrics {
  const registers = [registry]
  return {
    durations: new Histogram({
      name: 'bulkhead_client_request_duration_seconds',
      help: 'Time of a call with its retries, by outcome: ok, not_found, rejected (not sent), timeout, unavailable, error',
      labelNames: ['target', 'operation', 'outcome'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers
    }),
    retries: new Counter({
      name: 'bulkhead_client_retries_total',
      help: 'Attempts after the first attempt of a call',
      labelNames: ['target', 'operation'],
      registers
    }),
    circuitOpen: new Gauge({
      name: 'bulkhead_client_circuit_open',
      help: '1 while a circuit is open or being tried, else 0. With an operation: for its time-outs. Without: for broken connections, 502 and 504',
      labelNames: ['target', 'operation'],
      registers
    }),
    queueLength: new Gauge({
      name: 'bulkhead_client_queue_length',
      help: 'Attempts that wait for the concurrency limit',
      labelNames: ['target'],
      registers
    })
  }
}

/** Counts an attempt as waiting. Call the result when it no longer waits; further calls do nothing. */
export function enterQueue(target: string, metrics: ClientMetrics): () => void {
  let isWaiting = true
  metrics.queueLength.inc({ target })
  return () => {
    if (isWaiting) metrics.queueLength.dec({ target })
    isWaiting = false
  }
}
