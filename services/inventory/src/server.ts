import { serviceTokens } from '@bulkhead/chassis/auth'
import { client } from '@bulkhead/chassis/client'
import { subscribe } from '@bulkhead/chassis/events'
import { connectMongo, mongoProblem, sweeper } from '@bulkhead/chassis/mongo'
import { connectRedis } from '@bulkhead/chassis/redis'
import { runProgram } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { inventoryApp } from './app.ts'
import { inventoryConfig } from './config.ts'
import { contract } from './contract.ts'
import { eventHandlers } from './handlers.ts'
import { countingWorker } from './imports/worker.ts'
import { inventory as openInventory } from './inventory.ts'
import { catalogNeeds } from './needs.ts'
import { sweepReservations } from './reservations/sweep.ts'

await runProgram({
  manifest,
  config: inventoryConfig,
  environment: process.env,
  async build({ name: service, config, at, ...deps }) {
    const { log: logger, registry, clock } = deps
    const { db, close } = await connectMongo(config.MONGODB_URL, service, at)
    const redis = connectRedis(config.EVENT_LOG_URL, 'event log', logger)
    const token = serviceTokens(config.SERVICE_TOKENS_DIR)
    const catalog = client(catalogNeeds, { url: config.CATALOG_URL, token, registry })
    const inventory = await openInventory({
      db,
      clock,
      log: logger,
      registry,
      life: config.HOLD_MINUTES * 60_000,
      networkLimits: { holds: config.HOLDS_PER_NETWORK, percent: config.HOLDS_NETWORK_PERCENT }
    })
    const sweep = () => sweepReservations(inventory)
    const sweeping = sweeper({ db, name: 'reservations', sweep, logger, clock })
    const worker = countingWorker({ db, inventory, logger, clock, catalog, at })
    const handlers = eventHandlers(inventory.jobs)
    const reading = subscribe({ redis, service, handlers, contract, storeProblem: mongoProblem, logger, registry, at })
    return {
      app: inventoryApp({ inventory, ...deps }),
      stopReading: () => Promise.all([reading.stop(), worker.stop(), sweeping.stop()]),
      async close() {
        await catalog.close()
        redis.disconnect()
        await close()
      }
    }
  }
})
