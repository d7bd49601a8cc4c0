import { consuming, publishing, streams } from '../panels/events.ts'
import { type Dashboard, uidOf } from './dashboard.ts'

/** The events between services: published, stored, handled. */
export function eventLogDashboard(): Dashboard {
  return {
    name: 'event-log',
    uid: uidOf('event-log'),
    title: 'Bulkhead: event log',
    description:
      'The events of all services: from the outbox of the publisher, through its stream, to each subscriber.',
    rows: [
      { title: 'Publishers', panels: publishing() },
      { title: 'Streams', panels: streams() },
      { title: 'Subscribers', panels: consuming() }
    ]
  }
}
