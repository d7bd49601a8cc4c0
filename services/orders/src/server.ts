import { serviceTokens } from '@bulkhead/chassis/auth'
import { client } from '@bulkhead/chassis/client'
import { subscribe } from '@bulkhead/chassis/events'
import { mongoProblem, sweeper } from '@bulkhead/chassis/mongo'
import { openMongoStore, runProgram } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { ordersApp } from './app.ts'
import { config } from './config.ts'
import { contract } from './contract.ts'
import { orderDriver } from './driver.ts'
import { orderErasures } from './erasure.ts'
import { handlers } from './handlers.ts'
import { holderKeys } from './holder.ts'
import { liveOrders } from './live.ts'
import { identityNeeds, inventoryNeeds, paymentsNeeds } from './needs.ts'
import { connectCatalog } from './offers.ts'
import { orderSteps } from './steps.ts'
import { orderStore } from './store.ts'

const MINUTE = 60_000
/** More than payments waits for its provider. */
const PAYMENT_MS = 6_000

await runProgram({
  manifest,
  config,
  environment: process.env,
  async build(ground) {
    const { name: service, config, at, log: logger, registry, clock } = ground
    const { db, logRedis, outbox, close } = await openMongoStore(ground)
    const orders = await orderStore(db, outbox, clock)
    const erased = orderErasures({ db, orders, clock })
    const calls = { token: serviceTokens(config.SERVICE_TOKENS_DIR), registry, at }
    const catalog = connectCatalog({ ...calls, url: config.CATALOG_URL })
    const identity = client(identityNeeds, { ...calls, url: config.IDENTITY_URL })
    const inventory = client(inventoryNeeds, { ...calls, url: config.INVENTORY_URL })
    const payments = client(paymentsNeeds, { ...calls, url: config.PAYMENTS_URL, limits: { timeout: PAYMENT_MS } })
    const live = liveOrders({ orders, logger, registry })
    const steps = orderSteps(inventory, payments, logger)
    const holderOf = await holderKeys(db)
    const driver = orderDriver({ orders, steps, clock, logger, registry, moved: live.moved })
    await outbox.start()
    driver.start()
    const sweeping = sweeper({ db, name: 'erasures', sweep: erased.sweep, logger, clock })
    const reading = subscribe({
      ...{ redis: logRedis, service, contract, logger, registry, at, storeProblem: mongoProblem },
      handlers: handlers({ driver, erasures: erased, identity })
    })
    return {
      app: ordersApp({ ...ground, orders, catalog, driver, live, holderOf, life: config.ORDER_MINUTES * MINUTE }),
      stopReading: () => Promise.all([reading.stop(), driver.stop(), sweeping.stop(), live.stop()]),
      async close() {
        await close()
        await Promise.all([catalog, identity, inventory, payments].map(calls => calls.close()))
      }
    }
  }
})
