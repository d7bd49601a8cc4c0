import assert from 'node:assert/strict'
import { join } from 'node:path'
import { killAt } from './kinds/kills.ts'
import { runFault } from './storm.ts'
import { openShop, type Shop, shopOptionsOf } from './testbed/shop.ts'
import { startTestbed, type Testbed } from './testbed/testbed.ts'

/**
 * Three faults of `make faults`: the answer to a charge is lost, only a part of the stock is held, and no replica works on an order.
 */
const THREE = [
  killAt({ service: 'payments', points: ['after-call:sandbox.capturePayment'], passings: [1] }),
  killAt({ service: 'inventory', points: ['after-write:stock.update'], passings: [2] }),
  killAt({ service: 'orders', points: ['after-write:orders.insert.placed'], passings: [3] })
]

describe('orders under a storm', function () {
  this.timeout(300_000) // each fault has its own limits, with better messages
  let testbed: Testbed
  let shop: Shop

  before(async () => {
    testbed = await startTestbed(join(import.meta.dirname, '../..'), 16_500, () => undefined)
    shop = await openShop(await shopOptionsOf(testbed))
  })
  after(() => testbed?.close())

  for (const fault of THREE) {
    it(`are neither lost nor charged twice when ${fault.name}`, async () => {
      const { what, orders, findings } = await runFault(fault, testbed, shop, fault === THREE.at(-1))
      assert.deepEqual(findings, [])
      assert.equal(what, 'killed')
      assert.ok(orders >= 12)
    })
  }
})
