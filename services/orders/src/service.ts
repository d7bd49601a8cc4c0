import { sweeper } from '@bulkhead/chassis/mongo'
import { defineService, publishingMongoStore } from '@bulkhead/chassis/service'
import * as z from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { catalogLimits, catalogNeeds } from './clients/catalog.ts'
import { identityNeeds } from './clients/identity.ts'
import { inventoryNeeds } from './clients/inventory.ts'
import { orderOfPayment, paymentsLimits, paymentsNeeds } from './clients/payments.ts'
import { orderErasures } from './erasure/erasure.ts'
import { type DriverTimes, orderDriver } from './lifecycle/driver.ts'
import { driverDefinitions } from './lifecycle/metrics.ts'
import { orderSteps } from './lifecycle/steps.ts'
import { orderWatchers, watcherCount } from './lifecycle/watchers.ts'
import { orderEvents } from './orders/events.ts'
import { orderOperations } from './orders/operations.ts'
import { orderRoutes } from './orders/routes.ts'
import { orderStore } from './orders/store.ts'
import { holderKeys } from './placing/holder.ts'
import { placement } from './placing/placement.ts'

/** Settings for tests: shorter times, in milliseconds. */
type Settings = {
  driver?: DriverTimes
  watcherPoll?: number
  sweep?: { sweep: number; lease: number }
}

const MINUTE = 60_000

export const orders = defineService({
  manifest,
  config: z.object({
    /** Minutes in which an order must be paid. This is less than inventory holds the stock. */
    ORDER_MINUTES: z.coerce.number().min(0.01).max(30).default(15)
  }),
  store: publishingMongoStore(),
  operations: orderOperations,
  events: orderEvents,
  metrics: [...driverDefinitions, watcherCount],
  needs: [catalogNeeds, identityNeeds, inventoryNeeds, paymentsNeeds],
  callLimits: { catalog: catalogLimits, payments: paymentsLimits },
  handles: ['identity.customer.erased', 'payments.payment.settled'],
  async start({ db, outbox, config, clients, background, clock, log, registry }, settings: Settings = {}) {
    const { catalog, identity, inventory, payments } = clients
    const store = await orderStore(db, outbox, clock)
    const watchers = orderWatchers({ orders: store, log, registry, pollMs: settings.watcherPoll })
    const driver = orderDriver({
      orders: store,
      steps: orderSteps(inventory, payments, log),
      clock,
      log,
      registry,
      notify: watchers.notify,
      times: settings.driver
    })
    const place = placement({
      orders: store,
      catalog,
      driver,
      holderOf: await holderKeys(db),
      clock,
      paymentTime: config.ORDER_MINUTES * MINUTE
    })
    const erasures = orderErasures({ db, orders: store, identity, clock })
    background.add(driver)
    background.add(sweeper({ db, name: 'erasures', sweep: erasures.sweep, log, clock, times: settings.sweep }))
    background.add(watchers)
    return {
      store,
      driver,
      watchers,
      routes: [orderRoutes({ orders: store, place, driver, watchers, clock })],
      on: {
        'identity.customer.erased': erasures.handle,
        'payments.payment.settled': ({ subject }: { subject: string }) => driver.wake(orderOfPayment(subject))
      }
    }
  }
})
