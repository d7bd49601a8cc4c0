import { createHash } from 'node:crypto'
import { type FaultPoint, noFault } from '@bulkhead/chassis/core'
import type { FakeService } from '@bulkhead/testing/fake-service'
import { aggregateEvents } from '@bulkhead/testing/mongo-database'
import { silentLog } from '@bulkhead/testing/silent'
import { startForTest } from '@bulkhead/testing/start-for-test'
import type { Logger } from 'pino'
import type { catalogNeeds, Offer } from '../src/clients/catalog.ts'
import type { identityNeeds } from '../src/clients/identity.ts'
import type { inventoryNeeds } from '../src/clients/inventory.ts'
import type { paymentsNeeds } from '../src/clients/payments.ts'
import type { DriverTimes } from '../src/lifecycle/driver.ts'
import { orders } from '../src/service.ts'

const ID = `${'0'.repeat(25)}1`
export const MUG = {
  productId: `prd_${ID}`,
  sku: 'MUG',
  title: 'Mug',
  variant: { price: { amount: 1_250, currency: 'EUR' }, taxable: true, requiresShipping: true }
} satisfies Offer

/** The request for an order of two mugs to Berlin: 2 × 12.50 and 4.90 for shipping. */
export const twoMugs = {
  lines: [{ productId: MUG.productId, sku: MUG.sku, quantity: 2 }],
  currency: 'EUR',
  email: 'ada@example.com',
  deliveryAddress: { name: 'Ada', street: 'Weg 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  shippingMethod: 'standard',
  paymentMethod: `pm_${ID}`
}

/** Returns an idempotency key for a name in a test. It is as random as a guest's key must be. */
export const keyNamed = (name: string) => createHash('sha256').update(name).digest('base64url')

/** Short times, so that tests are fast. */
export const TIMES: DriverTimes = { poll: 20, hold: 2_000, step: 1_000, pause: [20, 200] }

type Fakes = {
  catalog: FakeService<typeof catalogNeeds.operations>
  identity: FakeService<typeof identityNeeds.operations>
  inventory: FakeService<typeof inventoryNeeds.operations>
  payments: FakeService<typeof paymentsNeeds.operations>
}

type Options = {
  /** A running replica. The new replica shares its store and its fakes, and must be closed before it. */
  besides?: { storeUrl: string | undefined; fakes: Fakes }
  times?: DriverTimes
  /** The time between two sweeps (ms). */
  sweep?: number
  /** Minutes in which an order must be paid. */
  minutes?: number
  log?: Logger
  passFaultPoint?: FaultPoint
  service?: typeof orders
}

/** Starts a replica of the service. Its fakes succeed with every request until a test changes their answers. */
export async function startReplica(options: Options = {}) {
  const {
    besides,
    times = TIMES,
    sweep = 100,
    minutes = 1,
    log = silentLog,
    passFaultPoint = noFault,
    service = orders
  } = options
  const started = await startForTest(service, {
    config: { ORDER_MINUTES: String(minutes) },
    settings: { driver: times, watcherPoll: 20, sweep: { sweep, lease: 2_000 } },
    passFaultPoint,
    log,
    storeUrl: besides?.storeUrl,
    fakes: besides?.fakes
  })
  if (!besides) answerAll(started.fakes)
  /** Returns the published events of an order. */
  async function eventsOf(id: string) {
    const events = await aggregateEvents(started.db, 'orders', id)
    return events.map(([type, version]) => ({ type, version }))
  }
  return { ...started, eventsOf }
}

/** Lets all fakes succeed with every request. */
function answerAll({ catalog, identity, inventory, payments }: Fakes) {
  catalog.answer('listOffers', () => ({ body: { items: [MUG] } }))
  identity.answer('reportErasure', () => ({ body: {} }))
  inventory.answer('reserve', () => ({ body: { state: 'held' } }))
  inventory.answer('commit', () => ({ body: { state: 'committed' } }))
  inventory.answer('release', () => ({ body: { state: 'released' } }))
  payments.answer('pay', () => ({ body: { state: 'authorised' } }))
  payments.answer('capture', () => ({ body: { state: 'captured' } }))
  payments.answer('void', () => ({ body: { state: 'voided' } }))
  payments.answer('refund', () => ({ body: { state: 'captured' } }))
}

export type Replica = Awaited<ReturnType<typeof startReplica>>
