import { openMongoStore, runProgram } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { catalogApp } from './app.ts'
import { catalogConfig } from './config.ts'
import { catalogImports } from './imports/imports.ts'
import { catalogStores } from './store.ts'

await runProgram({
  manifest,
  config: catalogConfig,
  environment: process.env,
  async build(ground) {
    const { log: logger, registry, clock, at } = ground
    const { db, outbox, close } = await openMongoStore(ground)
    const stores = await catalogStores(db, outbox, clock)
    const { worker, ...imports } = await catalogImports({ db, stores, outbox, clock, logger, registry, at })
    await outbox.start()
    worker.start()
    return { app: catalogApp({ stores, imports, ...ground }), stopReading: worker.stop, close }
  }
})
