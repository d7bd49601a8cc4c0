import assert from 'node:assert/strict'
import { newId, Problem } from '@bulkhead/chassis/core'
import fc from 'fast-check'
import { applyCount } from '../src/imports/stock-count.ts'
import { reservationHolds } from '../src/reservations/holds.ts'
import { heldCache, reservationLifecycle } from '../src/reservations/lifecycle.ts'
import { sweepReservations } from '../src/reservations/sweep.ts'
import { adjust } from '../src/stock/adjustment.ts'
import type { Holder } from '../src/stock/store.ts'
import { checkBooks, HOUR_MS, NO_METRICS, newOrder, startInventory, type TestInventory } from './helper.ts'
import { interleave } from './interleaving.ts'

const ORDERS = 2
/** Who makes all orders of a run: someone unknown, one buyer, or a network that may hold one order of a SKU. */
const holder = fc.constantFrom<Holder>({}, { buyer: 'ada' }, { network: 'office' })
const networkLimits = { holds: 1, percent: 100 }
const SKUS = 2
const order = fc.nat({ max: ORDERS - 1 })
const sku = fc.nat({ max: SKUS - 1 })
/** Each has a memory of its own. */
const replica = fc.nat({ max: 1 })
const killedAt = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.nat({ max: 7 }) }
)
const wanted = fc.oneof(
  fc.record({ change: fc.integer({ min: -3, max: 3 }) }),
  fc.record({ count: fc.nat({ max: 6 }) })
)
const work = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('reserve' as const), order, replica, killedAt }) },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ does: fc.constantFrom<'commit' | 'release'>('commit', 'release'), order, replica, killedAt }
    })
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('adjust' as const), sku, wanted, killedAt }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('import' as const),
      import: fc.nat({ max: 1 }),
      quantity: fc.nat({ max: 6 }),
      killedAt
    })
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('sweep' as const, 'expire' as const), killedAt }) }
)
type Work = typeof work extends fc.Arbitrary<infer W> ? W : never

describe('reservations, adjustments and imports that meet at any points', () => {
  let shop: TestInventory
  before(async () => {
    shop = await startInventory()
  })
  after(() => shop.close())

  it('keep the books, whichever of them are killed wherever', async () => {
    const rounds = fc.array(fc.array(work, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3, size: 'max' })
    await fc.assert(
      fc.asyncProperty(rounds, holder, fc.infiniteStream(fc.nat()), async (rounds, holder, choices) => {
        const ground = await newGround(holder)
        const choose = () => choices.next().value
        for (const round of rounds) await interleave(round.map(ground.processOf), choose, ground.checkStock)
        await ground.checkAfterwards()
      }),
      { numRuns: Number(process.env.RUNS ?? 60) }
    )
  })

  /** Orders and SKUs of one run, alone in the store. */
  async function newGround(holder: Holder) {
    for (const name of ['stock', 'reservations', 'adjustments']) await shop.db.collection(name).deleteMany({})
    const skus = Array.from({ length: SKUS }, (_, n) => `SKU-${n}`)
    const orders = Array.from({ length: ORDERS }, newOrder)
    const imports = Array.from({ length: 2 }, (_, n) => newId('imp', { now: () => new Date(n * 1_000) }))
    await shop.adjust(skus[0]!, { count: 4, reason: 'counted' }).expect(201)
    const linesOf = (order: number) =>
      skus.slice(0, order === 0 ? 1 : SKUS).map((sku, n) => ({ sku, quantity: 1 + ((order + n) % 2) }))
    const memories = [heldCache(), heldCache()]
    const later = { now: () => new Date(Date.now() + 2 * HOUR_MS) }

    const processOf = (work: Work) => ({
      killedAt: work.killedAt,
      async run(wrap: <T extends object>(calls: T) => T) {
        const { stock, history, reservations } = shop
        const clock = work.does === 'expire' ? later : shop.clock
        const stores = {
          stock: { ...wrap(stock), withHolds: stock.withHolds },
          history: wrap(history),
          reservations: wrap(reservations)
        }
        const holds = reservationHolds({ ...stores, clock, networkLimits, metrics: NO_METRICS })
        const cache = memories['replica' in work ? work.replica : 0]!
        const own = reservationLifecycle({ ...stores, holds, cache, clock, life: HOUR_MS, metrics: NO_METRICS })
        try {
          if (work.does === 'reserve') await own.reserve(orders[work.order]!, linesOf(work.order), holder)
          else if (work.does === 'commit' || work.does === 'release') await own[work.does](orders[work.order]!)
          else if (work.does === 'adjust')
            await adjust(
              skus[work.sku]!,
              { ...work.wanted, reason: 'correction' },
              { by: 'stf_1', madeBy: undefined },
              { ...stores, clock }
            )
          else if (work.does === 'import') {
            const quantities = skus.map(sku => ({ sku, quantity: work.quantity }))
            await applyCount(imports[work.import]!, quantities, { ...stores, clock })
          } else await sweepReservations({ ...stores, holds, lifecycle: own, metrics: NO_METRICS })
        } catch (error) {
          // Refused, or too many others: what was promised to nobody.
          if (!(error instanceof Problem)) throw error
        }
      }
    })

    /** After each single call every document of stock agrees with itself, and no buyer or network has two unpaid holds in it. */
    async function checkStock() {
      for (const { _id, onHand, available, holds } of await shop.stock.bySkus(skus)) {
        const held = holds.reduce((sum, { quantity }) => sum + quantity, 0)
        assert.ok(available >= 0 && onHand === available + held, `${_id}: ${onHand}, ${available}, ${held}`)
        const unpaid = holds.filter(({ buyer, network }) => buyer ?? network)
        assert.ok(unpaid.length <= 1, `${_id}: ${JSON.stringify(unpaid)}`)
      }
    }

    async function checkAfterwards() {
      await shop.sweep()
      for (const { _id, holds } of await shop.stock.bySkus(skus))
        for (const { orderId, take } of holds) {
          const { state, take: present } = (await shop.reservations.byId(orderId))!
          assert.deepEqual([state, present], ['held', take], `${_id} is held for nothing`)
        }
      const isWhole = async () => {
        const all = await shop.reservations.byIds(orders)
        for (const { _id, state } of all) if (state === 'held') await shop.release(_id).expect(200)
        await checkBooks(shop, skus)
      }
      await isWhole()
      // What anybody was left with is brought to an end by sending it again.
      for (const [place, order] of orders.entries()) await shop.lifecycle.reserve(order, linesOf(place), holder)
      for (const order of orders) await shop.release(order)
      await isWhole()
    }

    return { processOf, checkStock, checkAfterwards }
  }
})
