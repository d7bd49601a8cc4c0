import { defineService, publishingRedisStore } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { itemEvents } from './items/events.ts'
import { itemOperations } from './items/operations.ts'
import { itemRoutes } from './items/routes.ts'
import { itemStore, TAG } from './items/store.ts'

export const service = defineService({
  manifest,
  store: publishingRedisStore(TAG),
  operations: itemOperations,
  events: itemEvents,
  start({ redis, outbox, clock }) {
    const items = itemStore(redis, outbox, clock)
    return { routes: [itemRoutes(items)] }
  }
})
