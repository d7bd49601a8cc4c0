import type { Registry } from 'prom-client'
import type { Operation } from '../contract/index.ts'
import { defineCounter, defineHistogram, register } from '../core/index.ts'

/** The name of requests for which there is no operation. */
export const NO_OPERATION = 'none'

export const requestDurations = defineHistogram({
  name: 'bulkhead_request_duration_seconds',
  help: 'Time from the first byte of a request to the end of its answer. The status 499 means that the caller has disconnected',
  labels: { operation: `the ID of the operation, or ${NO_OPERATION}`, status: 'the HTTP status' },
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  hasExemplars: true
})

/** Unknown fields mean that the caller is newer than this service, or wrong. */
export const unknownInput = defineCounter({
  name: 'bulkhead_unknown_input_fields_total',
  help: 'Unknown fields and parameters in requests of services, which were left out',
  labels: { operation: 'the ID of the operation' }
})

/** The metrics of every service with an API. */
export const httpMetrics = [requestDurations, unknownInput]

/** The statuses of failures that have figures before they first happen. */
const FAILURES = ['500', '503']

/** Registers the durations of an operation's requests at 0: those that succeed with one of `statuses`, and those that fail. */
export function expectRequests(registry: Registry, operation: string, statuses: string[]) {
  const status = [...statuses.filter(each => each < '400'), ...FAILURES]
  register(registry, requestDurations, { operation: [operation], status })
}

/** Registers the metrics of a service's operations at 0. */
export function expectOperations(registry: Registry, operations: Pick<Operation, 'id' | 'answers'>[]) {
  for (const { id, answers } of operations) expectRequests(registry, id, Object.keys(answers))
  register(registry, unknownInput, { operation: operations.map(({ id }) => id) })
}
