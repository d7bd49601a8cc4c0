import type { Panel } from '../panels/panel.ts'

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
const AT_GATEWAY = 'namespace=~"$namespace",service="gateway"'
const EVERYWHERE = 'namespace=~"$namespace"'

// Answers that stay open, such as streams of events, have no meaningful duration.
const quantile = (share: number, matchers: string, by = '') =>
  `histogram_quantile(${share}, sum by (le${by}) (rate(${REQUESTS}_bucket{${matchers},operation!~"$streams"}[$__rate_interval])))`

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
          expr: `sum(rate(${REQUESTS}_count{${AT_GATEWAY},status=~"[123].."}[$__rate_interval]))`,
          legend: 'answered'
        },
        {
          expr: `sum(rate(${REQUESTS}_count{${AT_GATEWAY},status=~"4.."}[$__rate_interval]))`,
          legend: '4xx'
        },
        { expr: `sum(rate(${REQUESTS}_count{${AT_GATEWAY},status=~"5.."}[$__rate_interval]))`, legend: '5xx' }
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
          expr: `(sum(rate(${REQUESTS}_count{${AT_GATEWAY},status=~"5.."}[$__rate_interval])) or vector(0)) / (sum(rate(${REQUESTS}_count{${AT_GATEWAY}}[$__rate_interval])) > 0)`,
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
        { expr: quantile(0.99, AT_GATEWAY), legend: 'p99' },
        { expr: quantile(0.5, AT_GATEWAY), legend: 'p50' }
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
          expr: `max by (subscriber, service) (bulkhead_event_log_unread{${EVERYWHERE}})`,
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
      queries: [{ expr: `max by (service) (bulkhead_outbox_oldest_seconds{${EVERYWHERE}})`, legend: '{{service}}' }]
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
          expr: `sum by (service, target) (bulkhead_client_circuit_open{${EVERYWHERE}})`,
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
      queries: [
        { expr: `sum by (state) (increase(bulkhead_orders_total{${EVERYWHERE}}[$__range]))`, legend: '{{state}}' }
      ]
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
          expr: `sum by (currency) (increase(bulkhead_payments_captured_minor_units_total{${EVERYWHERE}}[$__range]))`,
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
          expr: `max by (service) (bulkhead_store_bytes{${EVERYWHERE}}) / (max by (service) (bulkhead_store_limit_bytes{${EVERYWHERE}}) > 0)`,
          legend: '{{service}} memory'
        },
        {
          expr: `max by (service) (bulkhead_store_volume_used_bytes{${EVERYWHERE}}) / (max by (service) (bulkhead_store_volume_bytes{${EVERYWHERE}}) > 0)`,
          legend: '{{service}} volume'
        },
        {
          expr: `max by (service) (bulkhead_event_log_entries{${EVERYWHERE}}) / (max by (service) (bulkhead_event_log_cap_entries{${EVERYWHERE}}) > 0)`,
          legend: '{{service}} stream'
        },
        {
          expr: `max(bulkhead_event_log_bytes{${EVERYWHERE}}) / (max(bulkhead_event_log_limit_bytes{${EVERYWHERE}}) > 0)`,
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
          expr: `sum by (service) (rate(${REQUESTS}_count{${EVERYWHERE}}[$__rate_interval]))`,
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
          expr: `(sum by (service) (rate(${REQUESTS}_count{${EVERYWHERE},status=~"5.."}[$__rate_interval])) or 0 * sum by (service) (rate(${REQUESTS}_count{${EVERYWHERE}}[$__rate_interval]))) / (sum by (service) (rate(${REQUESTS}_count{${EVERYWHERE}}[$__rate_interval])) > 0)`,
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
      queries: [{ expr: quantile(0.5, EVERYWHERE, ', service'), legend: '{{service}}' }]
    },
    empty: ''
  },
  {
    id: 'service-p99',
    panel: {
      title: 'p99',
      description: '99 % of the requests are faster.',
      unit: 'seconds',
      queries: [{ expr: quantile(0.99, EVERYWHERE, ', service'), legend: '{{service}}' }]
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
          expr: `sum by (service) (rate(process_cpu_seconds_total{${EVERYWHERE}}[$__rate_interval]))`,
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
      queries: [{ expr: `sum by (service) (process_resident_memory_bytes{${EVERYWHERE}})`, legend: '{{service}}' }]
    },
    empty: ''
  }
]

/** All panels of the view. The server answers no other queries. */
export const KEY_PANELS: KeyPanel[] = [...CLIENT_CHARTS, ...FLOW_CHARTS, ...KEY_BARS, ...SERVICE_COLUMNS]
