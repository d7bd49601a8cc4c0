import type { Panel } from './panel.ts'
import { maxBy, ofService, quantile, rate, series, share, sumBy } from './queries.ts'

const CALLS = 'bulkhead_client_request_duration_seconds'
/** A target answers `not_found` on purpose. */
const FAILED = 'outcome!~"ok|not_found"'

const calls = (by: string, ...matchers: string[]) => sumBy(by, rate(`${CALLS}_count`, ...matchers))

/** The calls between services, by caller and target. */
export function callsBetweenServices(): Panel[] {
  return [
    {
      title: 'Failed calls between services',
      description:
        'Share of calls that failed after their retries, by caller and target. The target with most failing callers is the one to look at.',
      unit: 'percent',
      limit: { warning: 0.001, bad: 0.01 },
      queries: [
        {
          expr: share(calls('service, target', FAILED), calls('service, target')),
          legend: '{{service}} to {{target}}'
        }
      ]
    },
    {
      title: 'Open circuits',
      description:
        'Circuits that are open or being tried, by caller and target. The caller refuses these calls at once, so that the fault of the target stays with the target.',
      unit: 'short',
      limit: { bad: 1 },
      queries: [
        {
          expr: sumBy('service, target', maxBy('service, target, operation', series('bulkhead_client_circuit_open'))),
          legend: '{{service}} to {{target}}'
        }
      ]
    }
  ]
}

/** The calls of one service to its targets: rate, failures and duration. Only for services whose contract declares needs. */
export function callsOfService(service: string): Panel[] {
  const own = ofService(service)
  return [
    {
      title: 'Calls',
      description: 'Calls per second to each target, without retries.',
      unit: 'per-second',
      queries: [{ expr: calls('target, operation', own), legend: '{{target}} {{operation}}' }]
    },
    {
      title: 'Failed calls',
      description:
        'Share of calls that failed after their retries, by outcome: rejected (not sent, because a circuit is open or the queue full), timeout, unavailable, error. Open the dashboard of the target.',
      unit: 'percent',
      limit: { warning: 0.001, bad: 0.01 },
      queries: [{ expr: share(calls('target', own, FAILED), calls('target', own)), legend: '{{target}}' }]
    },
    {
      title: 'Slowest 5 % of calls',
      description:
        'The time within which 95 % of the calls ended, with their retries. If it is much longer than the target reports for the same operation, calls wait in the queue. Points link to traces.',
      unit: 'seconds',
      limit: { warning: 0.5, bad: 1 },
      hasExemplars: true,
      queries: [{ expr: quantile(0.95, 'target, operation', CALLS, own), legend: '{{target}} {{operation}}' }]
    }
  ]
}

/** How a service protects itself from its targets: retries, circuits and queues. */
export function guardsOfService(service: string): Panel[] {
  const own = ofService(service)
  return [
    {
      title: 'Retries',
      description:
        'Attempts per second after the first one. A few are normal during a rollout. If they last, the target fails a share of its requests.',
      unit: 'per-second',
      queries: [{ expr: sumBy('target', rate('bulkhead_client_retries_total', own)), legend: '{{target}}' }]
    },
    {
      title: 'Retry budget',
      description:
        'Retries that are allowed now, on the replica that has the fewest. At 0 nothing is retried, which keeps a broken target from getting even more requests.',
      unit: 'short',
      limit: { bad: 1, isBadBelow: true },
      queries: [{ expr: `min by (target) (${series('bulkhead_client_retry_budget', own)})`, legend: '{{target}}' }]
    },
    {
      title: 'Circuits',
      description:
        '1 while a circuit is open or being tried. Without an operation, connections to the target break; with one, that operation times out. It closes by itself when the target recovers.',
      kind: 'states',
      unit: 'short',
      limit: { bad: 1 },
      queries: [
        {
          expr: maxBy('target, operation', series('bulkhead_client_circuit_open', own)),
          legend: '{{target}} {{operation}}'
        }
      ]
    },
    {
      title: 'Calls that wait',
      description:
        'Attempts that wait because too many run at once. If they do not go down, the target is too slow for its load: give it more replicas.',
      unit: 'short',
      queries: [{ expr: sumBy('target', series('bulkhead_client_queue_length', own)), legend: '{{target}}' }]
    }
  ]
}
