import type { Counter, Gauge, Registry } from 'prom-client'
import { defineCounter, defineGauge, defineHistogram, measureAtScrape, register } from '../core/index.ts'
import type { RetryBudget } from './client-policy.ts'

const TARGET = 'the name of the service that is called'
const OPERATION = 'the ID of the called operation'

/** The time of a call with its retries. */
export const callDurations = defineHistogram({
  name: 'bulkhead_client_request_duration_seconds',
  help: 'Time of a call with its retries. Rejected calls were not sent',
  labels: {
    target: TARGET,
    operation: OPERATION,
    outcome: ['ok', 'not_found', 'rejected', 'timeout', 'unavailable', 'error']
  },
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
})

const retries = defineCounter({
  name: 'bulkhead_client_retries_total',
  help: 'Attempts after the first attempt of a call',
  labels: { target: TARGET, operation: OPERATION }
})

const circuitOpen = defineGauge({
  name: 'bulkhead_client_circuit_open',
  help: '1 while a circuit is open or being tried, else 0. With an operation: for its time-outs. Without: for broken connections, 502 and 504',
  labels: { target: TARGET, operation: OPERATION }
})

const queueLength = defineGauge({
  name: 'bulkhead_client_queue_length',
  help: 'Attempts that wait for the concurrency limit',
  labels: { target: TARGET }
})

const retriesLeft = defineGauge({
  name: 'bulkhead_client_retry_budget',
  help: 'Retries of calls to a target that are allowed now',
  labels: { target: TARGET }
})

/** The metrics of the limits of calls. */
export const limitMetrics = [retries, circuitOpen, queueLength, retriesLeft]

/** The metrics of a service that calls other services. */
export const clientMetrics = [callDurations, ...limitMetrics]

/** The metrics of the limits of a registry's clients. Their label `target` names the client's target. */
export type ClientMetrics = {
  retries: Counter<'target' | 'operation'>
  /** 1 while a circuit is open or being tried, else 0. */
  circuitOpen: Gauge<'target' | 'operation'>
  queueLength: Gauge<'target'>
  /** The budget of each target, by the target's name. */
  budgets: Map<string, RetryBudget>
}

const metricsOf = new WeakMap<Registry, ClientMetrics>()

/** Returns the metrics of the limits of a registry's clients, and registers them at the first call. */
export function clientMetricsOf(registry: Registry): ClientMetrics {
  const metrics = metricsOf.get(registry) ?? registerLimits(registry)
  metricsOf.set(registry, metrics)
  return metrics
}

function registerLimits(registry: Registry): ClientMetrics {
  const budgets = new Map<string, RetryBudget>()
  measureAtScrape(registry, retriesLeft, gauge => {
    for (const [target, budget] of budgets) gauge.set({ target }, budget.left())
  })
  return {
    retries: register(registry, retries),
    circuitOpen: register(registry, circuitOpen),
    queueLength: register(registry, queueLength),
    budgets
  }
}

/** Registers the retries of a target's operations at 0. */
export function expectRetries(registry: Registry, target: string, operation: string[]) {
  register(registry, retries, { target: [target], operation })
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
