import { defineService, publishingRedisStore } from '@bulkhead/chassis/service'
import * as z from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { catalogLimits } from './catalog.ts'
import { erasureHandlers } from './erasure.ts'
import { allEvents } from './events.ts'
import { TAG } from './keys.ts'
import { PER_NETWORK } from './limits.ts'
import { catalogNeeds, identityNeeds } from './needs.ts'
import { allOperations } from './operations.ts'
import { cartRoutes } from './routes/carts.ts'
import { lineRoutes } from './routes/lines.ts'
import { cartStore } from './store.ts'

const cartCount = z.coerce.number().int().min(1).max(1_000_000)

export const cart = defineService({
  manifest,
  config: z.object({
    EMPTY_CARTS_PER_NETWORK: cartCount.default(PER_NETWORK.empty),
    GUEST_CARTS_PER_NETWORK: cartCount.default(PER_NETWORK.all)
  }),
  store: publishingRedisStore(TAG),
  operations: allOperations,
  events: allEvents,
  needs: [catalogNeeds, identityNeeds],
  callLimits: { catalog: catalogLimits },
  handles: ['identity.customer.erased'],
  start({ redis, outbox, config, clients: { catalog, identity }, clock }) {
    const perNetwork = { empty: config.EMPTY_CARTS_PER_NETWORK, all: config.GUEST_CARTS_PER_NETWORK }
    const carts = cartStore({ redis, outbox, clock, perNetwork })
    return {
      // Express tries routers in order: the lines get most requests.
      routes: [lineRoutes({ carts }), cartRoutes({ carts, catalog, clock })],
      on: erasureHandlers(carts, identity)
    }
  }
})
