import { openRedisStore, runService } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { itemsApp } from './app.ts'
import { config } from './config.ts'
import { itemStore, TAG } from './store.ts'

await runService({
  manifest,
  config,
  environment: process.env,
  async build(ground) {
    const { store, outbox, close } = await openRedisStore(ground, TAG)
    const items = itemStore(store, outbox, ground.clock)
    outbox.start()
    return { app: itemsApp({ items, ...ground }), close }
  }
})
