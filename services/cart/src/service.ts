import { defineService, publishingRedisStore } from '@bulkhead/chassis/service'
import * as z from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { type AbandonmentTimes, abandonment, cartsAbandoned } from './carts/abandonment.ts'
import { erasureHandlers } from './carts/erasure.ts'
import { cartEvents } from './carts/events.ts'
import { TAG } from './carts/keys.ts'
import { cartOperations } from './carts/operations.ts'
import { cartRoutes } from './carts/routes.ts'
import { cartStore } from './carts/store.ts'
import { catalogLimits, catalogNeeds } from './clients/catalog.ts'
import { identityNeeds } from './clients/identity.ts'

/** Settings for tests: the times of counting abandoned carts. */
type Settings = { abandonment?: AbandonmentTimes }

const cartCount = z.coerce.number().int().min(1).max(1_000_000)

export const cart = defineService({
  manifest,
  config: z.object({
    EMPTY_CARTS_PER_NETWORK: cartCount.default(100),
    GUEST_CARTS_PER_NETWORK: cartCount.default(1_000)
  }),
  store: publishingRedisStore(TAG),
  operations: cartOperations,
  events: cartEvents,
  metrics: [cartsAbandoned],
  needs: [catalogNeeds, identityNeeds],
  callLimits: { catalog: catalogLimits },
  handles: ['identity.customer.erased'],
  start(
    { redis, outbox, config, clients: { catalog, identity }, background, clock, log, registry },
    settings: Settings = {}
  ) {
    const perNetwork = { empty: config.EMPTY_CARTS_PER_NETWORK, all: config.GUEST_CARTS_PER_NETWORK }
    const carts = cartStore({ redis, outbox, clock, perNetwork })
    background.add(abandonment({ carts, log, registry, times: settings.abandonment }))
    return {
      routes: [cartRoutes({ carts, catalog, clock })],
      on: erasureHandlers(carts, identity)
    }
  }
})
