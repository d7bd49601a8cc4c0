import assert from 'node:assert/strict'
import { checkBooks } from './books.ts'
import { newOrder, startInventory, type TestInventory } from './helper.ts'

describe('two replicas', () => {
  let shop: TestInventory
  let other: TestInventory
  before(async () => {
    shop = await startInventory()
    other = await startInventory({ beside: shop })
  })
  after(async () => {
    await other.close()
    await shop.close()
  })

  it('sell a stock of 20 pieces to exactly 20 of 50 simultaneous orders', async () => {
    const cup = await shop.stocked(20)
    const orders = Array.from({ length: 50 }, newOrder)
    const answers = await Promise.all(
      orders.map((order, place) => (place % 2 ? shop : other).reserve(order, { [cup]: 1 }).expect(200))
    )
    const held = answers.filter(({ body }) => body.state === 'held')
    assert.equal(held.length, 20)
    assert.equal(answers.filter(({ body }) => body.state === 'rejected').length, 30)
    assert.deepEqual(await shop.piecesOf(cup), { available: 0, held: 20, onHand: 20 })
    await Promise.all(held.map(({ body }, place) => (place % 2 ? other : shop).commit(body.orderId).expect(200)))
    assert.deepEqual(await other.piecesOf(cup), { available: 0, held: 0, onHand: 0 })
    await checkBooks(shop, [cup])
  })

  it('give an order all of its SKUs or none, while other orders request the same SKUs', async () => {
    const skus = [await shop.stocked(10), await shop.stocked(10), await shop.stocked(10)]
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, place) => {
        const first = skus[place % 3]!
        const second = skus[(place + 1) % 3]!
        return (place % 2 ? shop : other).reserve(newOrder(), { [first]: 1, [second]: 1 })
      })
    )
    const held = answers.filter(({ body }) => body.state === 'held').flatMap(({ body }) => body.lines)
    for (const sku of skus) {
      const count = held.filter(line => line.sku === sku).length
      assert.deepEqual(await shop.piecesOf(sku), { available: 10 - count, held: count, onHand: 10 })
    }
    await checkBooks(shop, skus)
  })

  it('settle an order once if one replica commits it while the other releases it', async () => {
    const cup = await shop.stocked(20)
    for (let turn = 0; turn < 20; turn++) {
      const order = newOrder()
      await shop.reserve(order, { [cup]: 1 })
      const [committed, released] = await Promise.all([shop.commit(order), other.release(order)])
      const { body } = await shop.staff('get', `/reservations/${order}`).expect(200)
      // A commit takes released pieces again, so the commit wins unless the release comes last.
      if (body.state === 'committed') assert.equal(committed.status, 200)
      else {
        assert.equal(body.state, 'released')
        assert.equal(released.status, 200)
      }
    }
    await checkBooks(shop, [cup])
  })

  it('return no piece twice when both sweep at the same time', async () => {
    const cup = await shop.stocked(10)
    const orders = Array.from({ length: 5 }, newOrder)
    for (const order of orders) await shop.reserve(order, { [cup]: 2 })
    // The state that a killed process leaves behind: released reservations with unsettled holds.
    const reservations = shop.db.collection<{ _id: string }>('reservations')
    await reservations.updateMany({ _id: { $in: orders } }, { $set: { state: 'released' } })
    await Promise.all([shop.sweep(), other.sweep(), shop.sweep(), other.sweep()])
    assert.deepEqual(await shop.piecesOf(cup), { available: 10, held: 0, onHand: 10 })
    assert.equal((await mendedBy(shop)) + (await mendedBy(other)), 5)
  })
})

/** Returns how many holds the sweeps of a replica have settled. */
async function mendedBy({ registry }: TestInventory) {
  return Number(/^inventory_holds_mended_total (\d+)$/m.exec(await registry.metrics())![1])
}
