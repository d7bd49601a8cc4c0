import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { until } from '@bulkhead/testing/until'
import { applyCount } from '../src/imports/stock-count.ts'
import { reservationHolds } from '../src/reservations/holds.ts'
import { reservationLifecycle } from '../src/reservations/lifecycle.ts'
import { adjust } from '../src/stock/adjustment.ts'
import { checkBooks } from './books.ts'
import {
  HOUR_MS,
  NETWORK_LIMITS,
  NO_METRICS,
  newOrder,
  type Pieces,
  startInventory,
  type TestInventory
} from './helper.ts'

describe('a request that is paused before a call of its store', () => {
  let shop: TestInventory
  before(async () => {
    shop = await startInventory()
  })
  after(() => shop.close())

  /** Pauses one call of the function `name` until `letGo`. `number` counts its calls from 1. */
  function pausing<T extends object>(calls: T, name: keyof T, number = 1) {
    let count = 0
    let isPaused = false
    let letGo: () => void = () => undefined
    const call = calls[name] as (...given: unknown[]) => Promise<unknown>
    const paused = async (...given: unknown[]) => {
      if (++count === number) {
        isPaused = true
        await new Promise<void>(resolve => {
          letGo = resolve
        })
      }
      return call(...given)
    }
    return { calls: { ...calls, [name]: paused } as T, paused: () => until(() => isPaused), letGo: () => letGo() }
  }

  /** Returns the lifecycle of another replica, with its own calls of the stores. */
  function replica({ stock = shop.stock, reservations = shop.reservations }) {
    const holds = reservationHolds({ stock, clock: shop.clock, networkLimits: NETWORK_LIMITS, metrics: NO_METRICS })
    return reservationLifecycle({
      reservations,
      holds,
      clock: shop.clock,
      life: HOUR_MS,
      metrics: NO_METRICS
    })
  }

  const linesOf = (sku: string) => [{ sku, quantity: 2 }]

  /** Asserts the pieces of a SKU, and that its books agree. */
  async function checkPieces(sku: string, expected: Pieces) {
    assert.deepEqual(await shop.piecesOf(sku), expected)
    await checkBooks(shop, [sku])
  }

  it('returns the pieces that it holds after the release', async () => {
    const cup = await shop.stocked(5)
    const order = newOrder()
    const late = pausing(shop.stock, 'hold')
    const reserving = replica({ stock: late.calls }).reserve(order, linesOf(cup))
    await late.paused()
    assert.equal((await shop.release(order).expect(200)).body.state, 'released')
    late.letGo()
    assert.equal((await reserving).state, 'released')
    assert.deepEqual(await shop.piecesOf(cup), { available: 5, held: 0, onHand: 5 })
  })

  it('returns the pieces that it holds after the commit, so that no piece leaves twice', async () => {
    const cup = await shop.stocked(5)
    const order = newOrder()
    const late = pausing(shop.stock, 'hold')
    const again = pausing(shop.reservations, 'byId')
    const reserving = replica({ stock: late.calls, reservations: again.calls }).reserve(order, linesOf(cup))
    await late.paused()
    await shop.reserve(order, { [cup]: 2 }).expect(200)
    await shop.commit(order).expect(200)
    late.letGo()
    // The paused request holds two more pieces now, and has not read the reservation again. The commit must not remove these pieces.
    await again.paused()
    assert.deepEqual(await shop.piecesOf(cup), { available: 1, held: 2, onHand: 3 })
    await shop.commit(order).expect(200)
    assert.deepEqual(await shop.piecesOf(cup), { available: 3, held: 0, onHand: 3 })
    again.letGo()
    assert.equal((await reserving).state, 'committed')
    await checkPieces(cup, { available: 3, held: 0, onHand: 3 })
  })

  it('does not return the pieces that a later commit took again', async () => {
    const cup = await shop.stocked(5)
    const order = newOrder()
    await shop.reserve(order, { [cup]: 2 })
    const late = pausing(shop.stock, 'bySkus')
    const releasing = replica({ stock: late.calls }).release(order)
    await late.paused()
    const end = pausing(shop.stock, 'takeOut')
    const committing = replica({ stock: end.calls }).commit(order)
    await end.paused()
    late.letGo()
    await releasing
    assert.deepEqual(await shop.piecesOf(cup), { available: 3, held: 2, onHand: 5 })
    end.letGo()
    assert.equal((await committing).state, 'committed')
    await checkPieces(cup, { available: 3, held: 0, onHand: 3 })
  })

  it('keeps its hold separate from a commit that takes the released pieces again', async () => {
    const cup = await shop.stocked(5)
    const order = newOrder()
    const late = pausing(shop.stock, 'hold')
    const again = pausing(shop.reservations, 'byId')
    const reserving = replica({ stock: late.calls, reservations: again.calls }).reserve(order, linesOf(cup))
    await late.paused()
    await shop.release(order).expect(200)
    const end = pausing(shop.reservations, 'move')
    const taking = pausing(shop.stock, 'hold')
    const committing = replica({ stock: taking.calls, reservations: end.calls }).commit(order)
    await end.paused()
    end.letGo()
    await taking.paused()
    late.letGo()
    await again.paused()
    taking.letGo()
    assert.equal((await committing).state, 'committed')
    again.letGo()
    await reserving
    await checkPieces(cup, { available: 3, held: 0, onHand: 3 })
  })

  it('keeps the pieces that it takes again in a commit, although a newer order requests them', async () => {
    const cup = await shop.stocked(5)
    const paid = newOrder()
    const newer = newOrder()
    const buyer = { buyer: 'ada' }
    await shop.reserve(paid, { [cup]: 2 }, buyer)
    await shop.release(paid)
    const end = pausing(shop.reservations, 'move', 2)
    const committing = replica({ reservations: end.calls }).commit(paid)
    await end.paused()
    assert.equal((await shop.reserve(newer, { [cup]: 1 }, buyer).expect(200)).body.state, 'held')
    const { body } = await shop.staff('get', `/reservations/${paid}`)
    assert.equal(body.state, 'held')
    end.letGo()
    assert.equal((await committing).state, 'committed')
    await checkPieces(cup, { available: 2, held: 1, onHand: 3 })
  })

  it('holds pieces for a newer order while its buyer commits the older one', async () => {
    const cup = await shop.stocked(5)
    const older = newOrder()
    const newer = newOrder()
    const buyer = { buyer: 'ada' }
    await shop.reserve(older, { [cup]: 2 }, buyer)
    const late = pausing(shop.stock, 'bySkus', 2)
    const reserving = replica({ stock: late.calls }).reserve(newer, linesOf(cup), buyer)
    // The older reservation is released, and its holds are not settled yet.
    await late.paused()
    assert.equal((await shop.commit(older).expect(200)).body.state, 'committed')
    late.letGo()
    assert.equal((await reserving).state, 'held')
    await checkPieces(cup, { available: 1, held: 2, onHand: 3 })
  })

  it('does not count below the pieces that were held since it read the stock, and counts all returned pieces', async () => {
    const cup = await shop.stocked(5)
    const first = newOrder()
    const second = newOrder()
    await shop.reserve(first, { [cup]: 2 })
    const late = pausing(shop.stock, 'count')
    const counting = applyCount(newId('imp'), [{ sku: cup, quantity: 1 }], { ...shop, stock: late.calls })
    await late.paused()
    await shop.reserve(second, { [cup]: 1 })
    await shop.release(first)
    late.letGo()
    await counting
    await checkPieces(cup, { available: 0, held: 1, onHand: 1 })
  })

  it('does not adjust to a count that was correct before a commit', async () => {
    const cup = await shop.stocked(5)
    const order = newOrder()
    await shop.reserve(order, { [cup]: 2 })
    const late = pausing(shop.stock, 'adjust')
    const request = { by: 'stf_1', madeBy: undefined }
    const adjusting = adjust(cup, { count: 4, reason: 'counted' }, request, { ...shop, stock: late.calls })
    await late.paused()
    await shop.commit(order).expect(200)
    late.letGo()
    assert.equal((await adjusting).change, 1)
    await checkPieces(cup, { available: 4, held: 0, onHand: 4 })
  })
})
