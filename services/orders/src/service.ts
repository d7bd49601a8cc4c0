import { sweeper } from '@bulkhead/chassis/mongo'
import { defineService, publishingMongoStore } from '@bulkhead/chassis/service'
import * as z from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { catalogLimits } from './clients/catalog.ts'
import { catalogNeeds, identityNeeds, inventoryNeeds, paymentsNeeds } from './clients/needs.ts'
import { orderErasures } from './erasure/erasure.ts'
import { handlers } from './erasure/handlers.ts'
import { type DriverTimes, orderDriver } from './lifecycle/driver.ts'
import { orderSteps } from './lifecycle/steps.ts'
import { liveOrders } from './lifecycle/watchers.ts'
import { allEvents } from './orders/events.ts'
import { allOperations } from './orders/operations.ts'
import { orderRoutes } from './orders/routes.ts'
import { orderStore } from './orders/store.ts'
import { holderKeys } from './placing/holder.ts'

/** Times that tests shorten, in milliseconds. */
type Settings = { driver?: DriverTimes; livePoll?: number; sweep?: { sweep: number; lease: number } }

const MINUTE = 60_000
/** More than payments waits for its provider. */
const PAYMENT_MS = 6_000

export const orders = defineService({
  manifest,
  config: z.object({
    /** In which an order must be paid. Less than inventory holds stock. */
    ORDER_MINUTES: z.coerce.number().min(0.01).max(30).default(15)
  }),
  store: publishingMongoStore(),
  operations: allOperations,
  events: allEvents,
  needs: [catalogNeeds, identityNeeds, inventoryNeeds, paymentsNeeds],
  callLimits: { catalog: catalogLimits, payments: { timeout: PAYMENT_MS } },
  handles: ['identity.customer.erased', 'payments.payment.settled'],
  async start({ db, outbox, config, clients, background, clock, log, registry }, settings: Settings = {}) {
    const { catalog, identity, inventory, payments } = clients
    const store = await orderStore(db, outbox, clock)
    const holderOf = await holderKeys(db)
    const live = liveOrders({ orders: store, logger: log, registry, poll: settings.livePoll })
    const driver = orderDriver({
      orders: store,
      steps: orderSteps(inventory, payments, log),
      clock,
      logger: log,
      registry,
      moved: live.moved,
      times: settings.driver
    })
    const erasures = orderErasures({ db, orders: store, clock })
    background.add(driver)
    background.add(sweeper({ db, name: 'erasures', sweep: erasures.sweep, logger: log, clock, times: settings.sweep }))
    background.add(live)
    return {
      store,
      driver,
      live,
      routes: [
        orderRoutes({ orders: store, catalog, driver, live, holderOf, clock, life: config.ORDER_MINUTES * MINUTE })
      ],
      on: handlers({ driver, erasures, identity })
    }
  }
})
