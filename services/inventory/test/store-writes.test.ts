import assert from 'node:assert/strict'
import { connectMongo } from '@bulkhead/chassis/mongo'
import { silentLog } from '@bulkhead/testing/silent'
import { Registry } from 'prom-client'
import { inventory } from '../src/inventory.ts'
import { HOUR_MS, NETWORK_LIMITS, newOrder, startInventory, type TestInventory } from './helper.ts'

describe('an order', () => {
  let shop: TestInventory
  before(async () => {
    shop = await startInventory()
  })
  after(() => shop.close())

  /** The writes that an action costs. */
  async function writesOf(action: (all: Awaited<ReturnType<typeof inventory>>) => Promise<unknown>) {
    const passed: string[] = []
    const { db, close } = await connectMongo(shop.url, 'test', name => void passed.push(name))
    const all = await inventory({
      db,
      clock: shop.clock,
      log: silentLog,
      registry: new Registry(),
      life: HOUR_MS,
      networkLimits: NETWORK_LIMITS
    })
    passed.length = 0
    await action(all)
    await close()
    return passed.filter(name => name === 'after-write').length
  }

  it('of one SKU costs four writes from its reservation to its commit, and none more when they are repeated', async () => {
    const [cup, order] = [await shop.stocked(5), newOrder()]
    const way = async ({ reservations }: Awaited<ReturnType<typeof inventory>>) => {
      await reservations.reserve(order, [{ sku: cup, quantity: 1 }])
      await reservations.commit(order)
    }
    assert.equal(await writesOf(way), 4)
    assert.equal(await writesOf(({ reservations }) => reservations.commit(order)), 0)
    assert.deepEqual(await shop.piecesOf(cup), [4, 0, 4])
  })
})
