import type { Alert } from '../rules/rule.ts'

/** Seconds that an event may wait in an outbox. */
const OLD_EVENT = 120

/** How events travel from one service to another. `scale` is that of `ruleFiles`. */
export const eventAlerts = (scale = 1): Alert[] => [
  {
    name: 'OutboxOld',
    severity: 'ticket',
    expr: `max by (namespace, service) (bulkhead_outbox_oldest_seconds) > ${OLD_EVENT * scale}`,
    for: '5m',
    summary: 'Events of {{ $labels.service }} wait in its outbox for {{ $value | humanizeDuration }}',
    description:
      '{{ $labels.service }} in {{ $labels.namespace }} does not get its events into the event log. ' +
      'Other services learn of its changes late. Once the outbox of an aggregate is full, changes get a 503.'
  },
  {
    name: 'RelayStopped',
    severity: 'ticket',
    expr: 'max by (namespace, service) (bulkhead_relay_stopped == 1 and on (namespace, service, instance) bulkhead_outbox_depth > 0)',
    for: '5m',
    summary: 'The event log accepts no events of {{ $labels.service }}',
    description:
      'The event log is away or full for {{ $labels.service }} in {{ $labels.namespace }}. Its events collect in its outbox. ' +
      'Once that is full, changes get a 503.'
  },
  {
    name: 'DeadLetters',
    severity: 'ticket',
    expr: 'max by (namespace, service) (bulkhead_dead_letters) > 0',
    for: '5m',
    summary: '{{ $labels.service }} could not handle {{ $value }} events',
    description:
      '{{ $labels.service }} in {{ $labels.namespace }} gave these events up after several attempts. Their effect is missing until somebody replays them.'
  },
  {
    name: 'EventLagGrowing',
    severity: 'ticket',
    expr:
      'max by (namespace, service, stream) (bulkhead_events_lag) > 100\n' +
      'and max by (namespace, service, stream) (deriv(bulkhead_events_lag[15m])) > 0',
    for: '15m',
    summary: '{{ $labels.service }} falls behind {{ $labels.stream }}',
    description:
      '{{ $labels.service }} in {{ $labels.namespace }} has {{ $value }} events to handle, and the number grows. ' +
      'At the cap of the stream, its publisher stops publishing.'
  },
  {
    name: 'EventLogNearlyFull',
    severity: 'ticket',
    expr:
      '(\n' +
      '  max by (namespace, service) (bulkhead_event_log_entries / (bulkhead_event_log_cap_entries > 0)) > 0.8\n' +
      // A stream without subscribers stays near its cap, and drops its oldest entries.
      '  and max by (namespace, service) (bulkhead_event_log_unread) > 0\n' +
      ')\n' +
      'or max by (namespace, service) (bulkhead_event_log_bytes / (bulkhead_event_log_limit_bytes > 0)) > 0.8',
    for: '5m',
    summary: 'The event log is {{ $value | humanizePercentage }} full for {{ $labels.service }}',
    description:
      'The stream of {{ $labels.service }} in {{ $labels.namespace }}, or the memory of the event log, is nearly full. ' +
      'When it is full, the service stops publishing, and then answers 503 to changes.'
  }
]
