import type { Panel } from './panel.ts'
import { maxBy, ofService, rate, series, sumBy } from './queries.ts'

const SAME_LABELS = 'service'

/** The selection of a panel: all services or one, and the labels that name its series. */
type Scope = { matchers: string[]; by: string; legend: string }

const ALL: Scope = { matchers: [], by: SAME_LABELS, legend: '{{service}}' }

const one = (service: string, label: string): Scope => ({
  matchers: [ofService(service)],
  by: label,
  legend: `{{${label}}}`
})

/** What services publish. */
export function publishing(): Panel[] {
  return [published(ALL), refusedBatches(ALL), relayStopped(ALL), outboxAge(ALL), outboxDepth(ALL)]
}

/** What one service publishes, and who handles it. Only for services whose contract has events. */
export function publishingOf(service: string, subscribers: string[]): Panel[] {
  const own = one(service, SAME_LABELS)
  return [
    published(one(service, 'type')),
    outboxAge(own),
    outboxDepth(own),
    relayStopped(own),
    streamFill(own),
    ...(subscribers.length > 0 ? [unread(one(service, 'subscriber'))] : [])
  ]
}

/** The streams of the event log, one for each service that publishes. */
export function streams(): Panel[] {
  return [
    streamFill(ALL),
    unread({ matchers: [], by: 'service, subscriber', legend: '{{service}} to {{subscriber}}' }),
    {
      title: 'Memory of the event log',
      description:
        'Share of the memory of the event log that is in use. When it is full, no service can publish, and outboxes fill up: raise `maxMemory` of the release event-log, or find the subscriber that does not read.',
      unit: 'percent',
      max: 1,
      limit: { warning: 0.7, bad: 0.85 },
      queries: [
        {
          expr: `max(${series('bulkhead_event_log_bytes')} / (${series('bulkhead_event_log_limit_bytes')} > 0))`,
          legend: 'event log'
        }
      ],
      noDataReason: 'the event log on one machine has no memory limit'
    }
  ]
}

/** What services handle. */
export function consuming(): Panel[] {
  const byService: Scope = { matchers: [], by: 'service, stream', legend: '{{service}} from {{stream}}' }
  return [
    consumed({ ...byService, by: 'service, outcome', legend: '{{service}} {{outcome}}' }),
    lag(byService),
    failedAttempts(byService),
    inHand(byService),
    deadLetters(ALL)
  ]
}

/** What one service handles. Only for services whose contract names events in `handles`. */
export function consumingOf(service: string): Panel[] {
  const byStream = one(service, 'stream')
  return [
    consumed(one(service, 'outcome')),
    lag(byStream),
    failedAttempts(byStream),
    deadLetters(one(service, SAME_LABELS))
  ]
}

/** The age of the oldest unpublished event, the first sign that events do not flow. */
export function outboxAges(): Panel {
  return outboxAge(ALL)
}

/** The events that subscribers have not handled. */
export function deadLettersByService(): Panel {
  return deadLetters(ALL)
}

function published({ matchers, by, legend }: Scope): Panel {
  return {
    title: 'Events published',
    description: 'Events per second that the event log accepted.',
    unit: 'per-second',
    queries: [{ expr: sumBy(by, rate('bulkhead_events_published_total', ...matchers)), legend }]
  }
}

function refusedBatches({ matchers, by, legend }: Scope): Panel {
  return {
    title: 'Refused batches',
    description:
      'Batches of events per second that the event log refused or did not answer. The events stay in the outbox and are sent again.',
    unit: 'per-second',
    queries: [{ expr: sumBy(by, rate('bulkhead_events_publish_failures_total', ...matchers)), legend }]
  }
}

function relayStopped({ matchers, by, legend }: Scope): Panel {
  return {
    title: 'Stopped relays',
    description:
      '1 while the event log accepts no events of a service, because it is away or full. Look at the event log and at the fill of the stream.',
    kind: 'states',
    unit: 'short',
    limit: { bad: 1 },
    queries: [{ expr: maxBy(by, series('bulkhead_relay_stopped', ...matchers)), legend }]
  }
}

function outboxAge({ matchers, by, legend }: Scope): Panel {
  return {
    title: 'Oldest unpublished event',
    description:
      'Age of the oldest event that is not in the event log yet. Usually below a second. If it rises, look at stopped relays, then at the log of the service.',
    unit: 'seconds',
    limit: { warning: 30, bad: 120 },
    queries: [{ expr: maxBy(by, series('bulkhead_outbox_oldest_seconds', ...matchers)), legend }]
  }
}

function outboxDepth({ matchers, by, legend }: Scope): Panel {
  return {
    title: 'Unpublished events',
    description:
      'Stored events that are not in the event log yet. A full outbox makes the service answer 503 to changes of the same aggregate.',
    unit: 'short',
    queries: [{ expr: maxBy(by, series('bulkhead_outbox_depth', ...matchers)), legend }]
  }
}

function unread({ matchers, by, legend }: Scope): Panel {
  return {
    title: 'Events not handled, by subscriber',
    description:
      'Entries that a subscriber has not handled. If one only grows, that subscriber is down or too slow. If it is gone for good: `bulkhead events forget`.',
    unit: 'short',
    queries: [{ expr: maxBy(by, series('bulkhead_event_log_unread', ...matchers)), legend }]
  }
}

function streamFill({ matchers, by, legend }: Scope): Panel {
  return {
    title: 'Streams: share of their cap',
    description:
      'Entries in a stream, of the most that it may have. A full stream with subscribers stops its publisher: find the subscriber that does not read.',
    unit: 'percent',
    max: 1,
    limit: { warning: 0.7, bad: 0.9 },
    queries: [
      {
        expr: `${maxBy(by, series('bulkhead_event_log_entries', ...matchers))} / ${maxBy(by, series('bulkhead_event_log_cap_entries', ...matchers))}`,
        legend
      }
    ]
  }
}

function consumed({ matchers, by, legend }: Scope): Panel {
  return {
    title: 'Events handled, by outcome',
    description:
      'Events per second by outcome: handled, ignored (not for this service), dead (moved to the dead letters), left (stays pending and is read again).',
    unit: 'per-second',
    queries: [{ expr: sumBy(by, rate('bulkhead_events_consumed_total', ...matchers)), legend }]
  }
}

function lag({ matchers, by, legend }: Scope): Panel {
  return {
    title: 'Lag',
    description:
      'Events that the consumer has not acknowledged. It goes down by itself after a burst. If it stays, look at failed attempts and at the log of the consumer.',
    unit: 'short',
    queries: [{ expr: maxBy(by, series('bulkhead_events_lag', ...matchers)), legend }]
  }
}

function failedAttempts({ matchers, by, legend }: Scope): Panel {
  return {
    title: 'Failed attempts',
    description:
      'Attempts per second that failed and were followed by another one. The log of the consumer has the reason.',
    unit: 'per-second',
    queries: [{ expr: sumBy(by, rate('bulkhead_events_retries_total', ...matchers)), legend }]
  }
}

function inHand({ matchers, by, legend }: Scope): Panel {
  return {
    title: 'Events in hand',
    description: 'Events that replicas have read and not finished.',
    unit: 'short',
    queries: [{ expr: sumBy(by, series('bulkhead_events_in_hand', ...matchers)), legend }]
  }
}

function deadLetters({ matchers, by, legend }: Scope): Panel {
  return {
    title: 'Dead letters',
    description:
      'Events that failed again and again and were put aside. Read them with `bulkhead events`, correct the cause, then replay or discard them.',
    unit: 'short',
    limit: { bad: 1 },
    queries: [{ expr: maxBy(by, series('bulkhead_dead_letters', ...matchers)), legend }]
  }
}
