import type { Alert } from '../rules/rule.ts'

/** Calls between services, and requests that a service refuses because it has too little capacity. */
export const callAlerts = (): Alert[] => [
  {
    name: 'CircuitOpen',
    severity: 'ticket',
    expr: 'max by (namespace, service, target, operation) (min_over_time(bulkhead_client_circuit_open[5m])) == 1',
    for: '5m',
    summary: '{{ $labels.service }} does not call {{ $labels.target }} any more',
    description:
      'The circuit of {{ $labels.service }} in {{ $labels.namespace }} to {{ $labels.target }}' +
      '{{ if $labels.operation }} for {{ $labels.operation }}{{ end }} has been open for 10 minutes: most calls failed or timed out.'
  },
  {
    name: 'RetryBudgetExhausted',
    severity: 'ticket',
    expr: 'min by (namespace, service, target) (max_over_time(bulkhead_client_retry_budget[5m])) < 1',
    for: '5m',
    summary: '{{ $labels.service }} repeats no failed call to {{ $labels.target }}',
    description:
      'So many calls of {{ $labels.service }} in {{ $labels.namespace }} to {{ $labels.target }} failed that the budget of retries has been ' +
      'empty for 10 minutes. Single failures now reach the client.'
  },
  {
    name: 'CallsWait',
    severity: 'ticket',
    expr: 'sum by (namespace, service, target) (min_over_time(bulkhead_client_queue_length[5m])) > 10',
    for: '5m',
    summary: 'Calls of {{ $labels.service }} to {{ $labels.target }} wait in a queue',
    description:
      '{{ $labels.service }} in {{ $labels.namespace }} has had more calls than {{ $labels.target }} answers for 10 minutes. ' +
      'When the queue is full, requests get a 503.'
  },
  {
    name: 'RateLimitsOff',
    severity: 'ticket',
    expr: 'sum by (namespace, service) (rate(bulkhead_rate_limit_open_total[5m])) > 0.1',
    for: '10m',
    summary: '{{ $labels.service }} limits nobody',
    description:
      'The Redis of {{ $labels.service }} in {{ $labels.namespace }} is away or late, so requests pass without a rate limit. ' +
      'One client can use all the capacity.'
  },
  {
    name: 'PasswordWorkRefused',
    severity: 'ticket',
    expr: 'sum by (namespace, service) (rate(bulkhead_password_work_refused_total[5m])) > 0.05',
    for: '10m',
    summary: '{{ $labels.service }} refuses people who sign in',
    description:
      'The queue for passwords of {{ $labels.service }} in {{ $labels.namespace }} is full: more people sign in than its CPU allows, ' +
      'or somebody tries passwords.'
  }
]
