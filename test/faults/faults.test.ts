import assert from 'node:assert/strict'
import { join } from 'node:path'
import { killAt } from './faults.ts'
import { type Ground, startGround } from './ground.ts'
import { runFault } from './run.ts'
import { openShop, placeOf, type Shop } from './shop.ts'

/** Three of all faults that `make faults` tries: a charge whose answer was lost, stock that is half held, an order that nobody has. */
const THREE = [
  killAt('payments', 'after-call', 3),
  killAt('inventory', 'after-write', 5),
  killAt('orders', 'after-write', 5)
]

describe('orders under a storm', function () {
  this.timeout(300_000) // each fault has limits of its own, and says what did not come
  let ground: Ground
  let shop: Shop

  before(async () => {
    ground = await startGround(join(import.meta.dirname, '../..'), 16_500, () => undefined)
    shop = await openShop(placeOf(ground))
  })
  after(() => ground?.close())

  for (const fault of THREE) {
    it(`are neither lost nor charged twice when ${fault.name}`, async () => {
      const { what, orders, findings } = await runFault(fault, ground, shop)
      assert.deepEqual(findings, [])
      assert.equal(what, 'killed')
      assert.ok(orders >= 12)
    })
  }
})
