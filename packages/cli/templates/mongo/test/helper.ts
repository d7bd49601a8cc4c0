import { appDeps } from '@bulkhead/testing/app-deps'
import { mongoStore } from '@bulkhead/testing/mongo-database'
import { itemsApp } from '../src/app.ts'
import { itemStore } from '../src/store.ts'

/** The service on a store of its own. */
export async function startService() {
  const deps = appDeps('template')
  const { db, outbox, eventsOf, close } = await mongoStore('template', deps)
  const items = await itemStore(db, outbox, deps.clock)
  return { app: itemsApp({ ...deps, items }), eventsOf: (id: string) => eventsOf('items', id), close }
}
