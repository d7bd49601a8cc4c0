import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import { until } from '@bulkhead/testing/until'
import { applyCount } from '../src/imports/stock-count.ts'
import { reservationHolds } from '../src/reservations/holds.ts'
import { heldCache, reservationLifecycle } from '../src/reservations/lifecycle.ts'
import { adjust } from '../src/stock/adjustment.ts'
import {
  checkBooks,
  HOUR_MS,
  NETWORK_LIMITS,
  NO_METRICS,
  newOrder,
  startInventory,
  type TestInventory
} from './helper.ts'

describe('A request that is stopped between two calls of its store', () => {
  let shop: TestInventory
  before(async () => {
    shop = await startInventory()
  })
  after(() => shop.close())

  /** The calls, of which one of a name waits to be let go: the first, or the one that `number` counts. */
  function stopping<T extends object>(calls: T, name: keyof T, number = 1) {
    let count = 0
    let isThere = false
    let letGo: () => void = () => undefined
    const call = calls[name] as (...given: unknown[]) => Promise<unknown>
    const stopped = async (...given: unknown[]) => {
      if (++count === number) {
        isThere = true
        await new Promise<void>(resolve => {
          letGo = resolve
        })
      }
      return call(...given)
    }
    return { calls: { ...calls, [name]: stopped } as T, stopped: () => until(() => isThere), letGo: () => letGo() }
  }

  /** Reservations of a replica with calls of its own. */
  function replica({ stock = shop.stock, reservations = shop.reservations }) {
    const holds = reservationHolds({ stock, clock: shop.clock, networkLimits: NETWORK_LIMITS, metrics: NO_METRICS })
    return reservationLifecycle({
      reservations,
      holds,
      cache: heldCache(),
      clock: shop.clock,
      life: HOUR_MS,
      metrics: NO_METRICS
    })
  }

  const linesOf = (sku: string) => [{ sku, quantity: 2 }]

  it('gives back what it holds after the release', async () => {
    const [cup, order] = [await shop.stocked(5), newOrder()]
    const late = stopping(shop.stock, 'hold')
    const reserving = replica({ stock: late.calls }).reserve(order, linesOf(cup))
    await late.stopped()
    assert.equal((await shop.release(order).expect(200)).body.state, 'released')
    late.letGo()
    assert.equal((await reserving).state, 'released')
    assert.deepEqual(await shop.piecesOf(cup), [5, 0, 5])
  })

  it('gives back what it holds after the commit, and nothing leaves twice', async () => {
    const [cup, order] = [await shop.stocked(5), newOrder()]
    const late = stopping(shop.stock, 'hold')
    const again = stopping(shop.reservations, 'byId')
    const reserving = replica({ stock: late.calls, reservations: again.calls }).reserve(order, linesOf(cup))
    await late.stopped()
    await shop.reserve(order, { [cup]: 2 }).expect(200)
    await shop.commit(order).expect(200)
    late.letGo()
    // It holds two more now, and has not looked yet: others do not take them for what left.
    await again.stopped()
    assert.deepEqual(await shop.piecesOf(cup), [1, 2, 3])
    await shop.commit(order).expect(200)
    assert.deepEqual(await shop.piecesOf(cup), [3, 0, 3])
    again.letGo()
    assert.equal((await reserving).state, 'committed')
    assert.deepEqual(await shop.piecesOf(cup), [3, 0, 3])
    await checkBooks(shop, [cup])
  })

  it('does not give back what a later commit took again', async () => {
    const [cup, order] = [await shop.stocked(5), newOrder()]
    await shop.reserve(order, { [cup]: 2 })
    const late = stopping(shop.stock, 'bySkus')
    const releasing = replica({ stock: late.calls }).release(order)
    await late.stopped()
    const end = stopping(shop.stock, 'takeOut')
    const committing = replica({ stock: end.calls }).commit(order)
    await end.stopped()
    late.letGo()
    await releasing
    assert.deepEqual(await shop.piecesOf(cup), [3, 2, 5])
    end.letGo()
    assert.equal((await committing).state, 'committed')
    assert.deepEqual(await shop.piecesOf(cup), [3, 0, 3])
    await checkBooks(shop, [cup])
  })

  it('does not lend its hold to the commit that takes again what was released', async () => {
    const [cup, order] = [await shop.stocked(5), newOrder()]
    const late = stopping(shop.stock, 'hold')
    const again = stopping(shop.reservations, 'byId')
    const reserving = replica({ stock: late.calls, reservations: again.calls }).reserve(order, linesOf(cup))
    await late.stopped()
    await shop.release(order).expect(200)
    const end = stopping(shop.reservations, 'move')
    const taking = stopping(shop.stock, 'hold')
    const committing = replica({ stock: taking.calls, reservations: end.calls }).commit(order)
    await end.stopped()
    end.letGo()
    await taking.stopped()
    late.letGo()
    await again.stopped()
    taking.letGo()
    assert.equal((await committing).state, 'committed')
    again.letGo()
    await reserving
    assert.deepEqual(await shop.piecesOf(cup), [3, 0, 3])
    await checkBooks(shop, [cup])
  })

  it('does not give way to a newer order while it commits what it takes again', async () => {
    const [cup, paid, newer, buyer] = [await shop.stocked(5), newOrder(), newOrder(), { buyer: 'ada' }]
    await shop.reserve(paid, { [cup]: 2 }, buyer)
    await shop.release(paid)
    const end = stopping(shop.reservations, 'move', 2)
    const committing = replica({ reservations: end.calls }).commit(paid)
    await end.stopped()
    assert.equal((await shop.reserve(newer, { [cup]: 1 }, buyer).expect(200)).body.state, 'held')
    const { body } = await shop.staff('get', `/reservations/${paid}`)
    assert.equal(body.state, 'held')
    end.letGo()
    assert.equal((await committing).state, 'committed')
    assert.deepEqual(await shop.piecesOf(cup), [2, 1, 3])
    await checkBooks(shop, [cup])
  })

  it('gives back what it holds after a newer order of its buyer took its place', async () => {
    const [cup, older, newer, buyer] = [await shop.stocked(5), newOrder(), newOrder(), { buyer: 'ada' }]
    await shop.reserve(older, { [cup]: 2 }, buyer)
    const late = stopping(shop.stock, 'bySkus', 2)
    const reserving = replica({ stock: late.calls }).reserve(newer, linesOf(cup), buyer)
    // The older reservation is over, and its holds are not settled yet.
    await late.stopped()
    assert.equal((await shop.commit(older).expect(200)).body.state, 'committed')
    late.letGo()
    assert.equal((await reserving).state, 'held')
    assert.deepEqual(await shop.piecesOf(cup), [1, 2, 3])
    await checkBooks(shop, [cup])
  })

  it('does not count below what is held since it looked, and counts all that came back', async () => {
    const [cup, first, second] = [await shop.stocked(5), newOrder(), newOrder()]
    await shop.reserve(first, { [cup]: 2 })
    const late = stopping(shop.stock, 'count')
    const counting = applyCount(newId('imp'), [{ sku: cup, quantity: 1 }], { ...shop, stock: late.calls })
    await late.stopped()
    await shop.reserve(second, { [cup]: 1 })
    await shop.release(first)
    late.letGo()
    await counting
    assert.deepEqual(await shop.piecesOf(cup), [0, 1, 1])
    await checkBooks(shop, [cup])
  })

  it('does not adjust by what was right before a commit', async () => {
    const [cup, order] = [await shop.stocked(5), newOrder()]
    await shop.reserve(order, { [cup]: 2 })
    const late = stopping(shop.stock, 'adjust')
    const request = { by: 'stf_1', madeBy: undefined }
    const adjusting = adjust(cup, { count: 4, reason: 'counted' }, request, { ...shop, stock: late.calls })
    await late.stopped()
    await shop.commit(order).expect(200)
    late.letGo()
    assert.equal((await adjusting).change, 1)
    assert.deepEqual(await shop.piecesOf(cup), [4, 0, 4])
    await checkBooks(shop, [cup])
  })
})
