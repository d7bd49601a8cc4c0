import { waitingEvents } from '@bulkhead/testing/redis-database'
import { startForTest } from '@bulkhead/testing/start-for-test'
import { TAG } from '../src/items/store.ts'
import { service } from '../src/service.ts'

/** Starts the service on an empty store. `eventsOf` reads the type and version of each event of an item from the outbox. */
export async function startService() {
  const started = await startForTest(service)
  return { ...started, eventsOf: (id: string) => waitingEvents(started.redis, TAG, id) }
}
