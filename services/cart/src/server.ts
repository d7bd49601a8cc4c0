import { serviceTokens } from '@bulkhead/chassis/auth'
import { openRedisStore, runProgram } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { cartApp } from './app.ts'
import { connectCatalog } from './catalog.ts'
import { cartConfig } from './config.ts'
import { connectIdentity, readEvents } from './erasure.ts'
import { TAG } from './keys.ts'
import { cartStore } from './store.ts'

await runProgram({
  manifest,
  config: cartConfig,
  environment: process.env,
  async build(ground) {
    const { name: service, config, at, log: logger, registry, clock } = ground
    const { store, logRedis, outbox, close } = await openRedisStore(ground, TAG)
    const token = serviceTokens(config.SERVICE_TOKENS_DIR)
    const catalog = connectCatalog({ url: config.CATALOG_URL, token, registry })
    const perNetwork = { empty: config.EMPTY_CARTS_PER_NETWORK, all: config.GUEST_CARTS_PER_NETWORK }
    const carts = cartStore({ redis: store, outbox, clock, perNetwork })
    const identity = connectIdentity({ url: config.IDENTITY_URL, token, registry })
    outbox.start()
    const reading = readEvents({ redis: logRedis, service, carts, identity, logger, registry, at })
    return {
      app: cartApp({ carts, catalog, ...ground }),
      stopReading: reading.stop,
      async close() {
        await close()
        await Promise.all([catalog.close(), identity.close()])
      }
    }
  }
})
