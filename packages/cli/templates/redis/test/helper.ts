import { waitingEvents } from '@bulkhead/testing/redis-database'
import { startForTest } from '@bulkhead/testing/start-for-test'
import { TAG } from '../src/items/store.ts'
import { service } from '../src/service.ts'

/** The service on a store of its own, and the events of an item as its outbox has them. */
export async function startService() {
  const started = await startForTest(service)
  return { ...started, eventsOf: (id: string) => waitingEvents(started.redis, TAG, id) }
}
