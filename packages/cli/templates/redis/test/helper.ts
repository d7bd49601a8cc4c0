import { appDeps } from '@bulkhead/testing/app-deps'
import { redisStore } from '@bulkhead/testing/redis-database'
import { itemsApp } from '../src/app.ts'
import { itemStore, TAG } from '../src/store.ts'

/** The service on a store of its own. */
export async function startService() {
  const deps = appDeps('template')
  const { redis, outbox, eventsOf, close } = await redisStore('template', TAG, deps)
  const items = itemStore(redis, outbox, deps.clock)
  return { app: itemsApp({ ...deps, items }), eventsOf, close }
}
