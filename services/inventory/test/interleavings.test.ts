import assert from 'node:assert/strict'
import { newId, Problem } from '@bulkhead/chassis/core'
import fc from 'fast-check'
import { applyCount } from '../src/imports/stock-count.ts'
import { reservationHolds } from '../src/reservations/holds.ts'
import { reservationLifecycle } from '../src/reservations/lifecycle.ts'
import { sweepReservations } from '../src/reservations/sweep.ts'
import { adjust } from '../src/stock/adjustment.ts'
import type { Holder } from '../src/stock/store.ts'
import { checkBooks } from './books.ts'
import { HOUR_MS, NO_METRICS, newOrder, startInventory, type TestInventory } from './helper.ts'
import { interleave } from './scheduler.ts'

const ORDERS = 2
const SKUS = 2
const IMPORTS = 2
/** Each network may have one hold. */
const networkLimits = { holds: 1, percent: 100 }
/** The holder of all orders of a run: unknown, one buyer, or one network. */
const anyHolder = fc.constantFrom<Holder>({}, { buyer: 'ada' }, { network: 'office' })

const order = fc.nat({ max: ORDERS - 1 })
const sku = fc.nat({ max: SKUS - 1 })
const killedAt = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.nat({ max: 7 }) }
)
const wanted = fc.oneof(
  fc.record({ change: fc.integer({ min: -3, max: 3 }) }),
  fc.record({ count: fc.nat({ max: 6 }) })
)
const reserving = fc.record({ does: fc.constant('reserve' as const), order, killedAt })
const ending = fc.record({ does: fc.constantFrom('commit' as const, 'release' as const), order, killedAt })
const adjusting = fc.record({ does: fc.constant('adjust' as const), sku, wanted, killedAt })
const counting = fc.record({
  does: fc.constant('import' as const),
  import: fc.nat({ max: IMPORTS - 1 }),
  quantity: fc.nat({ max: 6 }),
  killedAt
})
const sweeping = fc.record({ does: fc.constantFrom('sweep' as const, 'expire' as const), killedAt })
const anyTask = fc.oneof(
  { weight: 5, arbitrary: reserving },
  { weight: 4, arbitrary: ending },
  { weight: 1, arbitrary: adjusting },
  { weight: 1, arbitrary: counting },
  { weight: 1, arbitrary: sweeping }
)
type Task = typeof anyTask extends fc.Arbitrary<infer T> ? T : never

describe('simultaneous reservations, adjustments and imports', () => {
  let shop: TestInventory
  before(async () => {
    shop = await startInventory()
  })
  after(() => shop.close())

  it('keep the books correct in any order of their calls, even if some of them are killed', async () => {
    const round = fc.array(anyTask, { minLength: 1, maxLength: 8 })
    const anyRounds = fc.array(round, { minLength: 1, maxLength: 3, size: 'max' })
    await fc.assert(
      fc.asyncProperty(anyRounds, anyHolder, fc.infiniteStream(fc.nat()), async (rounds, holder, choices) => {
        const run = await newRun(shop, holder)
        const choose = () => choices.next().value
        const check = () => checkStock(shop, run.skus)
        for (const round of rounds) {
          const processes = round.map(task => ({ killedAt: task.killedAt, run: run.processOf(task) }))
          await interleave(processes, choose, check)
        }
        await checkAfterwards(shop, run)
      }),
      { numRuns: Number(process.env.RUNS ?? 60) }
    )
  })
})

type Run = Awaited<ReturnType<typeof newRun>>

/** Empties the store and creates the orders, SKUs and imports of one run. */
async function newRun(shop: TestInventory, holder: Holder) {
  for (const name of ['stock', 'reservations', 'adjustments']) await shop.db.collection(name).deleteMany({})
  const skus = Array.from({ length: SKUS }, (_, place) => `SKU-${place}`)
  const orders = Array.from({ length: ORDERS }, newOrder)
  const imports = Array.from({ length: IMPORTS }, (_, place) => newId('imp', { now: () => new Date(place * 1_000) }))
  await shop.adjust(skus[0]!, { count: 4, reason: 'counted' }).expect(201)
  const linesOf = (order: number) =>
    skus.slice(0, order === 0 ? 1 : SKUS).map((sku, place) => ({ sku, quantity: 1 + ((order + place) % 2) }))
  const later = { now: () => new Date(Date.now() + 2 * HOUR_MS) }

  const processOf = (task: Task) => async (wrap: <T extends object>(calls: T) => T) => {
    const clock = task.does === 'expire' ? later : shop.clock
    const stock = { ...wrap(shop.stock), withHolds: shop.stock.withHolds }
    const history = wrap(shop.history)
    const reservations = wrap(shop.reservations)
    const holds = reservationHolds({ stock, clock, networkLimits, metrics: NO_METRICS })
    const life = HOUR_MS
    const lifecycle = reservationLifecycle({ reservations, holds, clock, life, metrics: NO_METRICS })

    async function perform() {
      switch (task.does) {
        case 'reserve':
          return lifecycle.reserve(orders[task.order]!, linesOf(task.order), holder)
        case 'commit':
        case 'release':
          return lifecycle[task.does](orders[task.order]!)
        case 'adjust': {
          const asked = { ...task.wanted, reason: 'correction' as const }
          return adjust(skus[task.sku]!, asked, { by: 'stf_1', madeBy: undefined }, { stock, history, clock })
        }
        case 'import': {
          const quantities = skus.map(sku => ({ sku, quantity: task.quantity }))
          return applyCount(imports[task.import]!, quantities, { stock, history, clock })
        }
        default:
          return sweepReservations({ stock, reservations, holds, lifecycle, metrics: NO_METRICS })
      }
    }
    // A problem is a refusal, or the result of too many other requests. In both cases no pieces were promised.
    await perform().catch(error => {
      if (!(error instanceof Problem)) throw error
    })
  }
  return { skus, orders, holder, linesOf, processOf }
}

/** Asserts that each document of stock is consistent, and that no buyer or network has two unpaid holds in it. */
async function checkStock(shop: TestInventory, skus: string[]) {
  for (const { _id, onHand, available, holds } of await shop.stock.bySkus(skus)) {
    const held = holds.reduce((sum, { quantity }) => sum + quantity, 0)
    assert.ok(available >= 0 && onHand === available + held, `${_id}: ${onHand}, ${available}, ${held}`)
    const unpaid = holds.filter(({ buyer, network }) => buyer ?? network)
    assert.ok(unpaid.length <= 1, `${_id}: ${JSON.stringify(unpaid)}`)
  }
}

/**
 * Asserts that after a sweep each hold has a held reservation. Then repeats requests, ends every order, and asserts that the books are
 * correct.
 */
async function checkAfterwards(shop: TestInventory, { skus, orders, holder, linesOf }: Run) {
  await shop.sweep()
  for (const { _id, holds } of await shop.stock.bySkus(skus))
    for (const hold of holds) {
      const { state, take } = (await shop.reservations.byId(hold.orderId))!
      assert.deepEqual({ state, take }, { state: 'held', take: hold.take }, `${_id} has a hold without a reservation`)
    }
  await checkBooksAfterReleases(shop, skus, orders)
  for (const [place, order] of orders.entries()) await shop.lifecycle.reserve(order, linesOf(place), holder)
  for (const order of orders) await shop.release(order)
  await checkBooksAfterReleases(shop, skus, orders)
}

async function checkBooksAfterReleases(shop: TestInventory, skus: string[], orders: string[]) {
  const reservations = await shop.reservations.byIds(orders)
  for (const { _id, state } of reservations) if (state === 'held') await shop.release(_id).expect(200)
  await checkBooks(shop, skus)
}
