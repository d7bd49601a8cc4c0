import assert from 'node:assert/strict'
import { type FaultPoint, newId, noFault } from '@bulkhead/chassis/core'
import * as callers from '@bulkhead/testing/callers'
import type { FakeService } from '@bulkhead/testing/fake-service'
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import type { catalogNeeds } from '../src/clients/catalog.ts'
import type { ReservationMetrics } from '../src/reservations/metrics.ts'
import { inventory } from '../src/service.ts'
import type { Holder } from '../src/stock/store.ts'

type Method = 'get' | 'post' | 'put'

export const HOUR_MS = 3_600_000
export const NETWORK_LIMITS = { holds: 20, percent: 10 }

const nothing = () => undefined
export const NO_METRICS: ReservationMetrics = {
  countOutcome: nothing,
  countMendedHold: nothing,
  countRefusedHold: nothing
}

type Shared = { storeUrl: string | undefined; fakes: { catalog: FakeService<typeof catalogNeeds.operations> } }

type Options = {
  /** A replica whose store and catalog this one shares. */
  beside?: Shared
  /** Runs workers in the background: tests without them sweep themselves, and no import is counted. */
  hasWorkers?: boolean
  at?: FaultPoint
}

/** A replica of inventory whose clock can be put forward. It is on an empty store of its own unless it runs beside another. */
export async function startInventory({ beside, hasWorkers = false, at = noFault }: Options = {}) {
  const offset = { ms: 0 }
  const { url, ...service } = await startForTest(inventory, {
    settings: { hasWorkers, importTimes: { poll: 10, lease: 300 } },
    clock: { now: () => new Date(Date.now() + offset.ms) },
    at,
    storeUrl: beside?.storeUrl,
    ...(beside && { fakes: beside.fakes })
  })
  const as = (header: string) => (method: Method, path: string) =>
    request(url)[method](path).set('Authorization', header)
  const { id: staffId, header } = callers.staff()
  const [staff, orders] = [as(header), as(callers.service('orders', 'inventory'))]
  const adjust = (sku: string, body: object) => staff('post', `${stockPath(sku)}/adjustments`).send(body)
  return {
    ...service,
    staff,
    staffId,
    orders,
    anyone: request(url),
    stockPath,
    adjust,
    forward(ms: number) {
      offset.ms += ms
    },
    /** A new SKU with `count` pieces on hand. */
    async stocked(count: number) {
      const sku = newId('sku').toUpperCase()
      await adjust(sku, { count, reason: 'counted' }).expect(201)
      return sku
    },
    reserve: (orderId: string, lines: Record<string, number>, holder: Holder = {}) =>
      orders('put', `/reservations/${orderId}`).send({
        ...holder,
        lines: Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity }))
      }),
    release: (orderId: string) => orders('put', `/reservations/${orderId}/release`),
    commit: (orderId: string) => orders('put', `/reservations/${orderId}/commit`),
    /** Available, held and on hand. */
    async piecesOf(sku: string) {
      const { body } = await staff('get', stockPath(sku)).expect(200)
      return [body.available, body.held, body.onHand]
    }
  }
}

const stockPath = (sku: string) => `/stock/${encodeURIComponent(sku)}`

export type TestInventory = Awaited<ReturnType<typeof startInventory>>

export const newOrder = () => newId('ord')

/**
 * That the books of some SKUs agree, read past the service's own code: no number below zero; on hand is available and held; held is what
 * held reservations say; on hand is what all adjustments say less what committed reservations took.
 */
export async function checkBooks({ db }: Pick<TestInventory, 'db'>, skus: string[]) {
  const reservations = await db
    .collection('reservations')
    .find({ 'lines.0': { $exists: true } })
    .toArray()
  const sumOf = (sku: string, state: string) =>
    reservations
      .filter(reservation => reservation.state === state)
      .flatMap(({ lines }) => lines as { sku: string; quantity: number }[])
      .filter(line => line.sku === sku)
      .reduce((sum, { quantity }) => sum + quantity, 0)
  for (const sku of skus) {
    const stock = await db.collection<{ _id: string }>('stock').findOne({ _id: sku })
    if (!stock) {
      assert.deepEqual([sumOf(sku, 'held'), sumOf(sku, 'committed')], [0, 0], sku)
      continue
    }
    const { available, onHand, last } = stock as never as Record<'available' | 'onHand', number> & { last: Numbered }
    const held = (stock as never as { holds: { quantity: number }[] }).holds.reduce(
      (sum, hold) => sum + hold.quantity,
      0
    )
    const kept = (await db.collection('adjustments').find({ sku }).toArray()) as never as Numbered[]
    const older = kept.filter(({ number }) => number < last.number).sort((one, other) => one.number - other.number)
    const all = [...older, last]
    assert.ok(available >= 0 && onHand >= 0, `${sku} is below zero`)
    assert.equal(onHand, available + held, `${sku}: on hand`)
    assert.equal(held, sumOf(sku, 'held'), `${sku}: held`)
    assert.deepEqual(
      all.map(({ number }) => number),
      all.map((_, place) => place + 1),
      `${sku}: history`
    )
    const adjusted = all.reduce((sum, { change }) => sum + change, 0)
    assert.equal(onHand, adjusted - sumOf(sku, 'committed'), `${sku}: sum of the history`)
  }
}

type Numbered = { number: number; change: number }
