import type { Alert } from '../rules/rule.ts'

/** Orders within 15 minutes below which a missing capture means nothing. */
const FEWEST_ORDERS = 10
/** Failed attempts within half an hour below which reconciliation may only have been unlucky. */
const FEWEST_ATTEMPTS = 3

/** What customers notice about orders and payments. */
export const orderAlerts = (): Alert[] => [
  {
    name: 'OrdersStuck',
    severity: 'page',
    expr: 'max by (namespace, service) (orders_overdue) > 0',
    for: '5m',
    summary: '{{ $value }} orders are stuck',
    description:
      'No replica of {{ $labels.service }} in {{ $labels.namespace }} could complete the next step of these orders for a minute or longer. ' +
      'Customers wait for their orders, and some of them may have paid. Unpaid orders expire after 15 minutes.'
  },
  {
    name: 'OrdersNotCaptured',
    severity: 'page',
    expr:
      `sum by (namespace, service) (increase(bulkhead_request_duration_seconds_count{service="orders",operation="placeOrder",status="201"}[15m])) >= ${FEWEST_ORDERS}\n` +
      'unless sum by (namespace, service) (increase(orders_steps_total{outcome="captured"}[15m])) > 0',
    for: '5m',
    summary: 'Customers place orders, and none is paid',
    description:
      '{{ $value | printf "%.0f" }} orders were placed in {{ $labels.namespace }} within 15 minutes, and no payment was captured. The shop earns nothing.'
  },
  {
    name: 'PaymentsUnreconciled',
    severity: 'page',
    expr:
      `sum by (namespace, service) (increase(payments_reconciled_total{outcome="failed"}[30m])) >= ${FEWEST_ATTEMPTS}\n` +
      'unless sum by (namespace, service) (increase(payments_reconciled_total{outcome=~"same|mended"}[30m])) > 0',
    for: '10m',
    summary: 'Payments cannot be compared with the provider',
    description:
      'For 30 minutes, every attempt of {{ $labels.service }} in {{ $labels.namespace }} to settle a payment with the provider failed. ' +
      'Refunds and voids stay open, so customers wait for their money.'
  },
  {
    name: 'PaymentsUnknown',
    severity: 'ticket',
    expr: 'sum by (namespace, service) (increase(payments_reconciled_total{outcome="unknown"}[1h])) > 0',
    for: '0s',
    summary: 'The provider has payments that {{ $labels.service }} does not know',
    description:
      'Reconciliation in {{ $labels.namespace }} found payments at the provider without a record. ' +
      'Either somebody else uses the same account at the provider, or records are lost.'
  }
]
