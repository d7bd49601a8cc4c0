/** The times (s) that a latency objective may name: the limits of the buckets of `bulkhead_request_duration_seconds`. */
export const OBJECTIVE_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/**
 * What a service promises its clients, in `src/slo.ts`. `make generate` makes rules and alerts of it (docs/monitoring.md). Without the file,
 * a service has the default objective.
 */
export type ServiceObjectives = {
  /** The time over which requests are counted. */
  window: '30d'
  objectives: Objective[]
}

/** One promise, about all operations of a service or about some of them. */
export type Objective = {
  /** Unique in the service, in lower-case words joined by hyphens: the label `objective` of metrics and alerts. */
  name: string
  /** The IDs of the operations. All operations if left out. */
  operations?: string[]
  /** The share of requests that must not fail, such as 0.999. */
  availability: number
  /** The share of answers that must be complete within `seconds`. If `operations` is left out, streams and uploads do not count. */
  latency: { share: number; seconds: (typeof OBJECTIVE_SECONDS)[number] }
}
