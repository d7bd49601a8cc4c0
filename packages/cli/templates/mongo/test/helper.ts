import { aggregateEvents } from '@bulkhead/testing/mongo-database'
import { startForTest } from '@bulkhead/testing/start-for-test'
import { service } from '../src/service.ts'

/** The service on a store of its own, and the events of an item as its outbox has them. */
export async function startService() {
  const started = await startForTest(service)
  return { ...started, eventsOf: (id: string) => aggregateEvents(started.db, 'items', id) }
}
