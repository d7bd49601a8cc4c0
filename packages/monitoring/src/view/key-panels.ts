import type { Panel } from '../panels/panel.ts'
import { maxBy, ofService, quantile, rate, series, share, sumBy } from '../panels/queries.ts'

/** A panel of the view, and its texts where there is nothing to draw. */
export type KeyPanel = {
  id: string
  panel: Panel
  /** Shown if Prometheus has no series for it. */
  empty: string
  /** Shown in place of a chart of zeros. */
  quiet?: string
  /** Which of the latest values is the large number: of the first series, the highest, or the sum. */
  headline?: 'first' | 'highest' | 'sum'
}

const REQUESTS = 'bulkhead_request_duration_seconds'
const AT_GATEWAY = ofService('gateway')
const FAILED = 'status=~"5.."'
/** Answers that stay open, such as streams of events, have no meaningful duration. */
const NOT_STREAMS = 'operation!~"$streams"'

const requests = (...matchers: string[]) => rate(`${REQUESTS}_count`, ...matchers)
const increase = (by: string, metric: string) => sumBy(by, `increase(${series(metric)}[$__range])`)
const highest = (metric: string) => maxBy('service', series(metric))
/** Returns how full something is; nothing where the limit is 0, which means that there is none. */
const fullness = (used: string, limit: string) => `${used} / (${limit} > 0)`

/** The charts of what clients see, in their order. */
export const CLIENT_CHARTS: KeyPanel[] = [
  {
    id: 'rate',
    panel: {
      title: 'Requests',
      description: 'Requests of clients at the gateway, by the class of the answer.',
      unit: 'per-second',
      queries: [
        {
          expr: `sum(${requests(AT_GATEWAY, 'status=~"[123].."')})`,
          legend: 'answered'
        },
        {
          expr: `sum(${requests(AT_GATEWAY, 'status=~"4.."')})`,
          legend: '4xx'
        },
        { expr: `sum(${requests(AT_GATEWAY, FAILED)})`, legend: '5xx' }
      ]
    },
    empty: 'The gateway reports no requests',
    headline: 'sum',
    quiet: 'No requests in this period'
  },
  {
    id: 'errors',
    panel: {
      title: 'Errors',
      description: 'Share of requests at the gateway that failed with a 5xx.',
      unit: 'percent',
      queries: [
        {
          expr: `(sum(${requests(AT_GATEWAY, FAILED)}) or vector(0)) / (sum(${requests(AT_GATEWAY)}) > 0)`,
          legend: 'failed (5xx)'
        }
      ]
    },
    empty: 'No requests in this period',
    quiet: 'No request failed',
    headline: 'first'
  },
  {
    id: 'latency',
    panel: {
      title: 'Latency',
      description: 'Time of requests at the gateway: half of them are faster than p50, 99 % are faster than p99.',
      unit: 'seconds',
      queries: [
        { expr: quantile(0.99, '', REQUESTS, AT_GATEWAY, NOT_STREAMS), legend: 'p99' },
        { expr: quantile(0.5, '', REQUESTS, AT_GATEWAY, NOT_STREAMS), legend: 'p50' }
      ]
    },
    empty: 'No requests in this period',
    headline: 'first'
  }
]

/** The charts of what happens between services. */
export const FLOW_CHARTS: KeyPanel[] = [
  {
    id: 'event-lag',
    panel: {
      title: 'Unread events',
      description: 'Events in the event log that a subscriber has not handled yet.',
      unit: 'short',
      queries: [
        {
          expr: maxBy('subscriber, service', series('bulkhead_event_log_unread')),
          legend: '{{subscriber}} from {{service}}'
        }
      ]
    },
    empty: 'No service reports unread events',
    quiet: 'Every event is handled',
    headline: 'highest'
  },
  {
    id: 'outbox-age',
    panel: {
      title: 'Outbox age',
      description: 'Age of the oldest event that a service has written and not published yet.',
      unit: 'seconds',
      queries: [{ expr: highest('bulkhead_outbox_oldest_seconds'), legend: '{{service}}' }]
    },
    empty: 'No service reports an outbox',
    quiet: 'Every event is published',
    headline: 'highest'
  },
  {
    id: 'circuits',
    panel: {
      title: 'Open circuits',
      description: 'Operations of other services that a service does not call for now, because they failed.',
      unit: 'short',
      queries: [
        {
          expr: sumBy('service, target', series('bulkhead_client_circuit_open')),
          legend: '{{service}} to {{target}}'
        }
      ]
    },
    empty: 'No service reports circuits',
    quiet: 'All circuits are closed',
    headline: 'sum'
  }
]

/** The panels whose latest values are bars. */
export const KEY_BARS: KeyPanel[] = [
  {
    id: 'orders',
    panel: {
      title: 'Orders',
      description: 'Orders that were paid or reached a final state in this period, estimated from the scrapes.',
      unit: 'short',
      kind: 'bars',
      queries: [{ expr: increase('state', 'bulkhead_orders_total'), legend: '{{state}}' }]
    },
    empty: 'No service counts orders',
    quiet: 'No orders in this period'
  },
  {
    id: 'captured',
    panel: {
      title: 'Captured',
      description:
        'Amount of the payments that were captured in this period. Prometheus estimates it from the scrapes, so it is rounded, and may fall.',
      unit: 'currency',
      kind: 'stat',
      queries: [
        {
          expr: increase('currency', 'bulkhead_payments_captured_minor_units_total'),
          legend: '{{currency}}'
        }
      ]
    },
    empty: 'No service counts payments',
    quiet: 'No payments in this period'
  },
  {
    id: 'fullness',
    panel: {
      title: 'Stores',
      description: 'How full each store and each stream of the event log is, as a share of its limit.',
      unit: 'percent',
      kind: 'bars',
      max: 1,
      queries: [
        {
          expr: fullness(highest('bulkhead_store_bytes'), highest('bulkhead_store_limit_bytes')),
          legend: '{{service}} memory'
        },
        {
          expr: fullness(highest('bulkhead_store_volume_used_bytes'), highest('bulkhead_store_volume_bytes')),
          legend: '{{service}} volume'
        },
        {
          expr: fullness(highest('bulkhead_event_log_entries'), highest('bulkhead_event_log_cap_entries')),
          legend: '{{service}} stream'
        },
        {
          expr: fullness(
            `max(${series('bulkhead_event_log_bytes')})`,
            `max(${series('bulkhead_event_log_limit_bytes')})`
          ),
          legend: 'event log memory'
        }
      ]
    },
    empty: 'No store reports a limit'
  }
]

/** The columns of the table of services. Each query has one series for each service. */
export const SERVICE_COLUMNS: KeyPanel[] = [
  {
    id: 'service-rate',
    panel: {
      title: 'Requests',
      description: 'Requests a second.',
      unit: 'per-second',
      queries: [
        {
          expr: sumBy('service', requests()),
          legend: '{{service}}'
        }
      ]
    },
    empty: ''
  },
  {
    id: 'service-errors',
    panel: {
      title: 'Errors',
      description: 'Share of requests that failed with a 5xx.',
      unit: 'percent',
      queries: [
        {
          expr: share(sumBy('service', requests(FAILED)), `(${sumBy('service', requests())} > 0)`),
          legend: '{{service}}'
        }
      ]
    },
    empty: ''
  },
  {
    id: 'service-p50',
    panel: {
      title: 'p50',
      description: 'Half of the requests are faster.',
      unit: 'seconds',
      queries: [{ expr: quantile(0.5, 'service', REQUESTS, NOT_STREAMS), legend: '{{service}}' }]
    },
    empty: ''
  },
  {
    id: 'service-p99',
    panel: {
      title: 'p99',
      description: '99 % of the requests are faster.',
      unit: 'seconds',
      queries: [{ expr: quantile(0.99, 'service', REQUESTS, NOT_STREAMS), legend: '{{service}}' }]
    },
    empty: ''
  },
  {
    id: 'service-cpu',
    panel: {
      title: 'CPU',
      description: 'Used share of one processor core.',
      unit: 'percent',
      queries: [
        {
          expr: sumBy('service', rate('process_cpu_seconds_total')),
          legend: '{{service}}'
        }
      ]
    },
    empty: ''
  },
  {
    id: 'service-memory',
    panel: {
      title: 'Resident memory',
      description: 'Physical memory that the process holds (resident set size).',
      unit: 'bytes',
      queries: [{ expr: sumBy('service', series('process_resident_memory_bytes')), legend: '{{service}}' }]
    },
    empty: ''
  }
]

/** All panels of the view. The server answers no other queries. */
export const KEY_PANELS: KeyPanel[] = [...CLIENT_CHARTS, ...FLOW_CHARTS, ...KEY_BARS, ...SERVICE_COLUMNS]
