import { type FaultPoint, newId, noFault } from '@bulkhead/chassis/core'
import * as callers from '@bulkhead/testing/callers'
import type { FakeService } from '@bulkhead/testing/fake-service'
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import type { catalogNeeds } from '../src/clients/catalog.ts'
import type { ReservationMetrics } from '../src/reservations/metrics.ts'
import { inventory } from '../src/service.ts'
import type { Holder } from '../src/stock/store.ts'

export const HOUR_MS = 3_600_000
export const NETWORK_LIMITS = { holds: 20, percent: 10 }

const nothing = () => undefined
export const NO_METRICS: ReservationMetrics = {
  countOutcome: nothing,
  countMendedHold: nothing,
  countRefusedHold: nothing
}

/** The store and the fake catalog of a replica. */
type Shared = { storeUrl: string | undefined; fakes: { catalog: FakeService<typeof catalogNeeds.operations> } }

type Options = {
  /** The replica that shares its store and its catalog with this replica. */
  beside?: Shared
  /** True to sweep and count imports in the background. By default, only the test sweeps and no import is counted. */
  hasWorkers?: boolean
  passFaultPoint?: FaultPoint
}

/** Starts a replica of inventory, by default on an empty store of its own. */
export async function startInventory({ beside, hasWorkers = false, passFaultPoint = noFault }: Options = {}) {
  const offset = { ms: 0 }
  const { url, ...service } = await startForTest(inventory, {
    settings: { hasWorkers, importTimes: { poll: 10, lease: 300 } },
    clock: { now: () => new Date(Date.now() + offset.ms) },
    passFaultPoint,
    storeUrl: beside?.storeUrl,
    fakes: beside?.fakes
  })
  return {
    ...service,
    ...requestsTo(url),
    /** Moves the replica's clock forward. */
    forward(ms: number) {
      offset.ms += ms
    }
  }
}

export type TestInventory = Awaited<ReturnType<typeof startInventory>>

/** Returns functions that send requests of staff, of orders and of guests to a replica. */
function requestsTo(url: string) {
  const as = (header: string) => (method: 'get' | 'post' | 'put', path: string) =>
    request(url)[method](path).set('Authorization', header)
  const { id: staffId, header } = callers.staff()
  const staff = as(header)
  const orders = as(callers.service('orders', 'inventory'))
  const stockPath = (sku: string) => `/stock/${encodeURIComponent(sku)}`
  const adjust = (sku: string, body: object) => staff('post', `${stockPath(sku)}/adjustments`).send(body)
  return {
    staff,
    staffId,
    orders,
    anyone: request(url),
    stockPath,
    adjust,

    /** Creates a new SKU with `count` pieces on hand. */
    async stocked(count: number) {
      const sku = newId('sku').toUpperCase()
      await adjust(sku, { count, reason: 'counted' }).expect(201)
      return sku
    },

    async piecesOf(sku: string): Promise<Pieces> {
      const { body } = await staff('get', stockPath(sku)).expect(200)
      return { available: body.available, held: body.held, onHand: body.onHand }
    },

    /** Reserves the quantities in `lines`, which are by SKU. */
    reserve: (orderId: string, lines: Record<string, number>, holder: Holder = {}) =>
      orders('put', `/reservations/${orderId}`).send({
        ...holder,
        lines: Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity }))
      }),
    release: (orderId: string) => orders('put', `/reservations/${orderId}/release`),
    commit: (orderId: string) => orders('put', `/reservations/${orderId}/commit`)
  }
}

export type Pieces = { available: number; held: number; onHand: number }

export const newOrder = () => newId('ord')
