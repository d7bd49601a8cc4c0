import { defineService, publishingMongoStore } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { itemEvents } from './items/events.ts'
import { itemOperations } from './items/operations.ts'
import { itemRoutes } from './items/routes.ts'
import { itemStore } from './items/store.ts'

export const service = defineService({
  manifest,
  store: publishingMongoStore(),
  operations: itemOperations,
  events: itemEvents,
  async start({ db, outbox, clock }) {
    const items = await itemStore(db, outbox, clock)
    return { routes: [itemRoutes(items)] }
  }
})
