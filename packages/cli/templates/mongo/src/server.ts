import { openMongoStore, runService } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { itemsApp } from './app.ts'
import { config } from './config.ts'
import { itemStore } from './store.ts'

await runService({
  manifest,
  config,
  environment: process.env,
  async build(ground) {
    const { db, outbox, close } = await openMongoStore(ground)
    const items = await itemStore(db, outbox, ground.clock)
    await outbox.start()
    return { app: itemsApp({ items, ...ground }), close }
  }
})
