import { createHash } from 'node:crypto'
import { client } from '@bulkhead/chassis/client'
import type { Needs } from '@bulkhead/chassis/contract'
import { sweeper } from '@bulkhead/chassis/mongo'
import { appDeps } from '@bulkhead/testing/app-deps'
import { fakeService } from '@bulkhead/testing/fake-service'
import { mongoStore } from '@bulkhead/testing/mongo-database'
import { silentLog } from '@bulkhead/testing/silent'
import { ordersApp } from '../src/app.ts'
import { type DriverTimes, orderDriver } from '../src/driver.ts'
import { orderErasures } from '../src/erasure.ts'
import { handlers } from '../src/handlers.ts'
import { holderKeys } from '../src/holder.ts'
import { liveOrders } from '../src/live.ts'
import { catalogNeeds, identityNeeds, inventoryNeeds, type Offer, paymentsNeeds } from '../src/needs.ts'
import { connectCatalog } from '../src/offers.ts'
import { orderSteps } from '../src/steps.ts'
import { orderStore } from '../src/store.ts'

const ID = `${'0'.repeat(25)}1`
export const MUG = {
  productId: `prd_${ID}`,
  sku: 'MUG',
  title: 'Mug',
  variant: { price: { amount: 1_250, currency: 'EUR' }, taxable: true, requiresShipping: true }
} satisfies Offer

/** An order of two mugs to Berlin: 2 × 12.50 and 4.90 for shipping. */
export const twoMugs = {
  lines: [{ productId: MUG.productId, sku: MUG.sku, quantity: 2 }],
  currency: 'EUR',
  email: 'ada@example.com',
  deliveryAddress: { name: 'Ada', street: 'Weg 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  shippingMethod: 'standard',
  paymentMethod: `pm_${ID}`
}

/** An idempotency key that has a name in a test, as random as a guest's must be. */
export const keyNamed = (name: string) => createHash('sha256').update(name).digest('base64url')

/** So short that a test needs not wait. */
export const TIMES: DriverTimes = { poll: 20, hold: 2_000, step: 1_000, pause: [20, 200] }

/** Catalog, inventory and payments, which do all that they are asked for until a test says otherwise. */
export async function neighbours() {
  const [catalog, identity, inventory, payments] = await Promise.all([
    fakeService(catalogNeeds),
    fakeService(identityNeeds),
    fakeService(inventoryNeeds),
    fakeService(paymentsNeeds)
  ])
  catalog.answer('listOffers', () => ({ body: { items: [MUG] } }))
  identity.answer('reportErasure', () => ({ body: {} }))
  inventory.answer('reserve', () => ({ body: { state: 'held' } }))
  inventory.answer('commit', () => ({ body: { state: 'committed' } }))
  inventory.answer('release', () => ({ body: { state: 'released' } }))
  payments.answer('pay', () => ({ body: { state: 'authorised' } }))
  payments.answer('capture', () => ({ body: { state: 'captured' } }))
  payments.answer('void', () => ({ body: { state: 'voided' } }))
  payments.answer('refund', () => ({ body: { state: 'captured' } }))
  const all = [catalog, identity, inventory, payments]
  return { catalog, identity, inventory, payments, stop: () => Promise.all(all.map(service => service.stop())) }
}

export type Neighbours = Awaited<ReturnType<typeof neighbours>>
export type Store = Awaited<ReturnType<typeof mongoStore>>

const orderStoreOf = ({ db, outbox }: Store) => orderStore(db, outbox, appDeps('orders').clock)

/** One replica of the service on a store. */
export async function replica(
  store: Store,
  { catalog, identity, inventory, payments }: Neighbours,
  times = TIMES,
  life = 60_000,
  sweep = 100,
  log = silentLog
) {
  const deps = { ...appDeps('orders'), log }
  const { log: logger, registry, clock } = deps
  const orders = await orderStoreOf(store)
  const erased = orderErasures({ db: store.db, orders, clock })
  const connect = <N extends Needs>(needs: N, { url }: { url: string }) =>
    client<N['operations']>(needs, { url, token: async () => 'token', registry })
  const live = liveOrders({ orders, logger, registry, poll: 20 })
  const clients = [connect(inventoryNeeds, inventory), connect(paymentsNeeds, payments)] as const
  const offers = connectCatalog({ url: catalog.url, token: async () => 'token', registry })
  const accounts = connect(identityNeeds, identity)
  const driver = orderDriver({
    orders,
    steps: orderSteps(...clients, logger),
    clock,
    logger,
    registry,
    moved: live.moved,
    times
  })
  let stopped: Promise<unknown> | undefined
  const stop = async () => {
    await Promise.all([driver.stop(), sweeping.stop(), live.stop()])
    await Promise.all([offers, accounts, ...clients].map(calls => calls.close()))
  }
  driver.start()
  const sweeping = sweeper({
    ...{ db: store.db, name: 'erasures', sweep: erased.sweep, logger, clock },
    times: { sweep, lease: 2_000 }
  })
  return {
    orders,
    registry,
    driver,
    live,
    handlers: handlers({ driver, erasures: erased, identity: accounts }),
    app: ordersApp({ ...deps, orders, catalog: offers, driver, live, holderOf: await holderKeys(store.db), life }),
    stop: () => (stopped ??= stop())
  }
}

/** One replica with neighbours and a store of its own, and what ends all of them. */
export async function running() {
  const around = await neighbours()
  const store = await mongoStore('orders', appDeps('orders'))
  const one = await replica(store, around)
  const end = async () => {
    await one.stop()
    await Promise.all([around.stop(), store.close()])
  }
  return { around, store, one, end }
}

export type Running = Awaited<ReturnType<typeof running>>
