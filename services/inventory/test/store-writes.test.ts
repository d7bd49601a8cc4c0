import assert from 'node:assert/strict'
import type { FaultPoint } from '@bulkhead/chassis/core'
import { newOrder, startInventory, type TestInventory } from './helper.ts'

describe('the writes of an order', () => {
  let shop: TestInventory
  before(async () => {
    shop = await startInventory()
  })
  after(() => shop.close())

  /** Counts the writes of an action at a replica. */
  async function writesOf(action: (replica: TestInventory) => Promise<unknown>) {
    let writes = 0
    const passFaultPoint: FaultPoint = name => {
      if (name === 'after-write') writes++
    }
    const replica = await startInventory({ beside: shop, passFaultPoint })
    writes = 0
    await action(replica)
    await replica.close()
    return writes
  }

  it('are four for one SKU from the reservation to the commit, and none for a repeated commit', async () => {
    const cup = await shop.stocked(5)
    const order = newOrder()
    const reserveAndCommit = async ({ lifecycle }: TestInventory) => {
      await lifecycle.reserve(order, [{ sku: cup, quantity: 1 }])
      await lifecycle.commit(order)
    }
    assert.equal(await writesOf(reserveAndCommit), 4)
    assert.equal(await writesOf(({ lifecycle }) => lifecycle.commit(order)), 0)
    assert.deepEqual(await shop.piecesOf(cup), { available: 4, held: 0, onHand: 4 })
  })
})
