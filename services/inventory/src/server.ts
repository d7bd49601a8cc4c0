import { connectMongo } from '@bulkhead/chassis/mongo'
import { runService } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { inventoryApp } from './app.ts'
import { inventoryConfig } from './config.ts'
import { inventory } from './inventory.ts'
import { reservationSweeper } from './reservations/sweeper.ts'

await runService({
  manifest,
  config: inventoryConfig,
  environment: process.env,
  async build({ name: service, config, at, ...deps }) {
    const { db, close } = await connectMongo(config.MONGODB_URL, service, at)
    const all = await inventory({ db, life: config.HOLD_MINUTES * 60_000, ...deps })
    const sweeper = reservationSweeper({ db, inventory: all, logger: deps.log, clock: deps.clock })
    return {
      app: inventoryApp({ inventory: all, ...deps }),
      stopReading: sweeper.stop,
      close
    }
  }
})
