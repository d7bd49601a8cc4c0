import type { EventHandler } from '@bulkhead/chassis/events'
import type { CountingJobs } from './imports/jobs.ts'

/** What inventory does on events of others: an import's quantities are taken in the background, as there may be very many. */
export const eventHandlers = (jobs: Pick<CountingJobs, 'add'>) =>
  ({
    'catalog.import.finished': ({ subject }, context) => jobs.add(subject, context)
  }) satisfies Record<string, EventHandler>
