import { aggregateEvents } from '@bulkhead/testing/mongo-database'
import { startForTest } from '@bulkhead/testing/start-for-test'
import { service } from '../src/service.ts'

/** Starts the service on an empty store. `eventsOf` reads the type and version of each event of an item from the outbox. */
export async function startService() {
  const started = await startForTest(service)
  return { ...started, eventsOf: (id: string) => aggregateEvents(started.db, 'items', id) }
}
