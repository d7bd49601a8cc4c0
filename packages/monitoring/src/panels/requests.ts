import type { Limit, Panel, Query } from './panel.ts'
import { ofService, quantile, rate, share, sumBy } from './queries.ts'

const REQUESTS = 'bulkhead_request_duration_seconds'
const FAILED = 'status=~"5.."'
const ERROR_LIMIT: Limit = { warning: 0.001, bad: 0.01 }
const LATENCY_LIMIT: Limit = { warning: 0.5, bad: 1 }

const requests = (by: string, ...matchers: string[]) => sumBy(by, rate(`${REQUESTS}_count`, ...matchers))

/** Rate, errors and duration of the requests of all services, by service. */
export function requestsByService(): Panel[] {
  return [
    {
      title: 'Requests by service',
      description:
        'Requests per second that each service answered. A sudden drop means that callers cannot reach it: look at the errors of its callers.',
      unit: 'per-second',
      queries: [{ expr: requests('service'), legend: '{{service}}' }]
    },
    {
      title: 'Errors by service',
      description:
        'Share of requests that a service answered with 5xx. If several services have errors, begin with the one that calls no other, and open its dashboard.',
      unit: 'percent',
      limit: ERROR_LIMIT,
      queries: [{ expr: share(requests('service', FAILED), requests('service')), legend: '{{service}}' }]
    },
    {
      title: 'Slowest 5 % by service',
      description:
        'The time within which 95 % of the requests were answered. If it rises, compare the stores and the remote calls of that service. Points link to traces.',
      unit: 'seconds',
      limit: LATENCY_LIMIT,
      hasExemplars: true,
      queries: [{ expr: quantile(0.95, 'service', REQUESTS), legend: '{{service}}' }]
    }
  ]
}

/** The requests of one service as numbers. `streams` are its operations that stay open, which have no meaningful duration. */
export function requestNumbers(service: string, streams: string[]): Panel[] {
  const own = ofService(service)
  return [
    {
      title: 'Requests',
      description: `Requests per second that ${service} answered.`,
      kind: 'stat',
      unit: 'per-second',
      queries: [{ expr: requests('service', own), legend: 'requests' }]
    },
    {
      title: 'Errors',
      description: 'Share of requests that were answered with 5xx. The row of requests below names the operations.',
      kind: 'stat',
      unit: 'percent',
      limit: ERROR_LIMIT,
      queries: [{ expr: share(requests('service', own, FAILED), requests('service', own)), legend: 'errors' }]
    },
    {
      title: 'Slowest 5 %',
      description: 'The time within which 95 % of the requests were answered.',
      kind: 'stat',
      unit: 'seconds',
      limit: LATENCY_LIMIT,
      queries: [{ expr: quantile(0.95, 'service', REQUESTS, own, ...without(streams)), legend: '95 %' }]
    }
  ]
}

/** Rate, errors and duration of the requests of one service, by operation. */
export function requestsByOperation(service: string, streams: string[]): Panel[] {
  const own = ofService(service)
  return [
    {
      title: 'Requests by operation',
      description: `Requests per second of each operation. \`none\` are requests that match no operation.`,
      unit: 'per-second',
      queries: [{ expr: requests('operation', own), legend: '{{operation}}' }]
    },
    {
      title: 'Answers by status',
      description:
        'Answers per second by status. Many 429 are clients over a limit, 499 are clients that gave up, 503 mean that a store or a target is unavailable or a queue is full.',
      unit: 'per-second',
      isStacked: true,
      queries: [{ expr: requests('status', own), legend: '{{status}}' }]
    },
    {
      title: 'Errors by operation',
      description: `Share of each operation's requests that were answered with 5xx. Look at the log: \`bulkhead logs ${service}\`.`,
      unit: 'percent',
      limit: ERROR_LIMIT,
      queries: [
        { expr: share(requests('operation', own, FAILED), requests('operation', own)), legend: '{{operation}}' }
      ]
    },
    {
      title: 'Durations',
      description: `The time within which half, 95 % and 99 % of the requests were answered. Points link to traces.${aboutStreams(streams)}`,
      unit: 'seconds',
      hasExemplars: true,
      queries: [0.5, 0.95, 0.99].map(of => durations(of, own, streams))
    },
    {
      title: 'Slowest 5 % by operation',
      description: `The time within which 95 % of an operation's requests were answered. If only some operations are slow, look at the store commands and remote calls that they need.${aboutStreams(streams)}`,
      unit: 'seconds',
      limit: LATENCY_LIMIT,
      hasExemplars: true,
      queries: [{ expr: quantile(0.95, 'operation', REQUESTS, own, ...without(streams)), legend: '{{operation}}' }]
    },
    {
      title: 'Unknown fields from services',
      description:
        'Fields per second in requests of other services that this service does not know, and left out. During an upgrade that is normal; afterwards a caller is newer than it may be, or wrong.',
      unit: 'per-second',
      queries: [
        {
          expr: `${sumBy('service', rate('bulkhead_unknown_input_fields_total', own))} or 0 * ${requests('service', own)}`,
          legend: 'fields'
        }
      ]
    }
  ]
}

function durations(of: number, own: string, streams: string[]): Query {
  return { expr: quantile(of, '', REQUESTS, own, ...without(streams)), legend: `${100 * of} %` }
}

const without = (streams: string[]) => (streams.length > 0 ? [`operation!~"${streams.join('|')}"`] : [])

const aboutStreams = (streams: string[]) =>
  streams.length > 0 ? ` Without ${streams.join(' and ')}, whose answers stay open.` : ''
