import type { Panel } from './panel.ts'
import { ofService, quantile, rate, series, share, sumBy } from './queries.ts'

const REQUESTS = 'bulkhead_request_duration_seconds'
const CALLS = 'bulkhead_client_request_duration_seconds'
const PLACE = [ofService('orders'), 'operation="placeOrder"']

/** The figures of the business, over the last hour. */
export function business(): Panel[] {
  return [
    {
      title: 'Orders by final state',
      description:
        'Orders in the last hour that reached a final state. Many rejected orders mean that stock is short. Many declined ones point to the payment provider.',
      unit: 'short',
      isStacked: true,
      queries: [{ expr: sumBy('state', increase('bulkhead_orders_total')), legend: '{{state}}' }]
    },
    {
      title: 'Captured amount',
      description: 'Captured payments of the last hour in minor units, such as cents, by currency.',
      unit: 'currency',
      queries: [
        { expr: sumBy('currency', increase('bulkhead_payments_captured_minor_units_total')), legend: '{{currency}}' }
      ]
    },
    {
      title: 'Lost sales',
      description:
        'Reservations in the last hour that found too little stock, and carts that were left with goods in them.',
      unit: 'short',
      queries: [
        { expr: `sum(${increase('bulkhead_stock_outs_total')})`, legend: 'stock-outs' },
        { expr: `sum(${increase('bulkhead_carts_abandoned_total')})`, legend: 'carts abandoned' }
      ]
    }
  ]
}

/** Rate, errors and duration of placing an order, as the buyer sees it. */
export function placing(): Panel[] {
  const placed = sumBy('status', rate(`${REQUESTS}_count`, ...PLACE))
  const all = sumBy('operation', rate(`${REQUESTS}_count`, ...PLACE))
  const failed = sumBy('operation', rate(`${REQUESTS}_count`, ...PLACE, 'status=~"5.."'))
  return [
    {
      title: 'Orders placed, by answer',
      description: '201 are placed orders. 409 and 422 are refusals that the buyer can correct. 503 is an outage.',
      unit: 'per-second',
      isStacked: true,
      queries: [{ expr: placed, legend: '{{status}}' }]
    },
    {
      title: 'Orders that failed',
      description: 'Share of the requests to place an order that got a 5xx. Look at the calls of orders below.',
      unit: 'percent',
      limit: { warning: 0.001, bad: 0.01 },
      queries: [{ expr: share(failed, all), legend: 'failed' }]
    },
    {
      title: 'Time to place an order',
      description: 'The time within which half, 95 % and 99 % of the requests were answered. Points link to traces.',
      unit: 'seconds',
      hasExemplars: true,
      queries: [0.5, 0.95, 0.99].map(of => ({ expr: quantile(of, '', REQUESTS, ...PLACE), legend: `${100 * of} %` }))
    }
  ]
}

/** The calls between the services on the way of an order. */
export function steps(): Panel[] {
  const path = 'service=~"orders|payments"'
  const calls = (...matchers: string[]) =>
    sumBy('service, target, operation', rate(`${CALLS}_count`, path, ...matchers))
  const legend = '{{service}} to {{target}}: {{operation}}'
  return [
    {
      title: 'Steps of an order',
      description: 'Calls per second on the way of an order: offers, reservation, payment, provider.',
      unit: 'per-second',
      queries: [{ expr: calls(), legend }]
    },
    {
      title: 'Failed steps',
      description:
        'Share of the calls that failed after their retries. The order waits, and is continued when the target answers.',
      unit: 'percent',
      limit: { warning: 0.001, bad: 0.01 },
      queries: [{ expr: share(calls('outcome!~"ok|not_found"'), calls()), legend }]
    },
    {
      title: 'Slowest 5 % of steps',
      description: 'The time within which 95 % of the calls ended, with their retries. Points link to traces.',
      unit: 'seconds',
      hasExemplars: true,
      queries: [{ expr: quantile(0.95, 'service, target, operation', CALLS, path), legend }]
    }
  ]
}

/** Orders and payments that wait for a step. */
export function waiting(): Panel[] {
  return [
    {
      title: 'Orders in progress',
      description:
        'Orders that wait for their next step, and those that no replica took for a minute or whose step keeps failing. Overdue orders need somebody: look at the failed steps.',
      unit: 'short',
      queries: [
        { expr: `sum(${series('orders_waiting')})`, legend: 'waiting' },
        { expr: `max(${series('orders_overdue')})`, legend: 'overdue' }
      ]
    },
    {
      title: 'Payments to settle',
      description:
        'Payments that are unfinished, or that do not agree with the provider yet. They are settled by themselves when the provider answers.',
      unit: 'short',
      queries: [{ expr: `max(${series('payments_due')})`, legend: 'due' }]
    },
    {
      title: 'Reservations held',
      description:
        'Stock that is held for orders that are not paid yet. It is released when an order fails or expires.',
      unit: 'short',
      queries: [{ expr: `max(${series('inventory_reservations_held')})`, legend: 'held' }]
    }
  ]
}

/** The events on the way of an order. */
export function eventsOfOrders(): Panel[] {
  const path = 'service=~"orders|payments|inventory"'
  return [
    {
      title: 'Oldest unpublished event',
      description: 'An order whose event is not published waits for its next step. Look at the event log.',
      unit: 'seconds',
      limit: { warning: 30, bad: 120 },
      queries: [{ expr: `max by (service) (${series('bulkhead_outbox_oldest_seconds', path)})`, legend: '{{service}}' }]
    },
    {
      title: 'Events that wait',
      description:
        'Events of payments and other services that have not been handled. Orders stay in their state meanwhile.',
      unit: 'short',
      queries: [
        {
          expr: `max by (service, stream) (${series('bulkhead_events_lag', path)})`,
          legend: '{{service}} from {{stream}}'
        }
      ]
    },
    {
      title: 'Dead letters',
      description: 'Events that failed again and again. Their orders do not continue: `bulkhead events`.',
      unit: 'short',
      limit: { bad: 1 },
      queries: [{ expr: `max by (service) (${series('bulkhead_dead_letters', path)})`, legend: '{{service}}' }]
    }
  ]
}

const increase = (metric: string) => `increase(${series(metric)}[1h])`
