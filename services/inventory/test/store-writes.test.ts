import assert from 'node:assert/strict'
import type { FaultPoint } from '@bulkhead/chassis/core'
import { newOrder, startInventory, type TestInventory } from './helper.ts'

describe('an order', () => {
  let shop: TestInventory
  before(async () => {
    shop = await startInventory()
  })
  after(() => shop.close())

  /** The writes that an action costs. */
  async function writesOf(action: (replica: TestInventory) => Promise<unknown>) {
    let writes = 0
    const at: FaultPoint = name => void (name === 'after-write' && writes++)
    const replica = await startInventory({ beside: shop, at })
    writes = 0
    await action(replica)
    await replica.close()
    return writes
  }

  it('of one SKU costs four writes from its reservation to its commit, and none more when they are repeated', async () => {
    const [cup, order] = [await shop.stocked(5), newOrder()]
    const way = async ({ lifecycle }: TestInventory) => {
      await lifecycle.reserve(order, [{ sku: cup, quantity: 1 }])
      await lifecycle.commit(order)
    }
    assert.equal(await writesOf(way), 4)
    assert.equal(await writesOf(({ lifecycle }) => lifecycle.commit(order)), 0)
    assert.deepEqual(await shop.piecesOf(cup), [4, 0, 4])
  })
})
