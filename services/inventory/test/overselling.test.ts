import assert from 'node:assert/strict'
import { checkBooks, newOrder, startInventory, type TestInventory } from './helper.ts'

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

  it('give a stock of 20 to exactly 20 of 50 orders that ask at once', async () => {
    const cup = await shop.stocked(20)
    const orders = Array.from({ length: 50 }, newOrder)
    const answers = await Promise.all(
      orders.map((order, place) => (place % 2 ? shop : other).reserve(order, { [cup]: 1 }).expect(200))
    )
    const held = answers.filter(({ body }) => body.state === 'held')
    assert.deepEqual([held.length, answers.filter(({ body }) => body.state === 'rejected').length], [20, 30])
    assert.deepEqual(await shop.piecesOf(cup), [0, 20, 20])
    await Promise.all(held.map(({ body }, place) => (place % 2 ? other : shop).commit(body.orderId).expect(200)))
    assert.deepEqual(await other.piecesOf(cup), [0, 0, 0])
    await checkBooks(shop, [cup])
  })

  it('give several SKUs whole or not at all, however the orders meet', async () => {
    const [cup, mug, jug] = [await shop.stocked(10), await shop.stocked(10), await shop.stocked(10)]
    const skus = [cup, mug, jug]
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, place) => {
        const [first, second] = [skus[place % 3]!, skus[(place + 1) % 3]!]
        return (place % 2 ? shop : other).reserve(newOrder(), { [first]: 1, [second]: 1 })
      })
    )
    const held = answers.filter(({ body }) => body.state === 'held').flatMap(({ body }) => body.lines)
    for (const sku of skus) {
      const count = held.filter(line => line.sku === sku).length
      assert.deepEqual(await shop.piecesOf(sku), [10 - count, count, 10])
    }
    await checkBooks(shop, skus)
  })

  it('settle an order once when one commits and the other releases it', async () => {
    const cup = await shop.stocked(20)
    for (let turn = 0; turn < 20; turn++) {
      const order = newOrder()
      await shop.reserve(order, { [cup]: 1 })
      const [committed, released] = await Promise.all([shop.commit(order), other.release(order)])
      const { body } = await shop.staff('get', `/reservations/${order}`).expect(200)
      // A commit takes again what was released, so it wins unless the release comes last.
      if (body.state === 'committed') assert.equal(committed.status, 200)
      else assert.deepEqual([body.state, released.status], ['released', 200])
    }
    await checkBooks(shop, [cup])
  })

  it('sweep at the same time without giving anything back twice', async () => {
    const [cup, orders] = [await shop.stocked(10), Array.from({ length: 5 }, newOrder)]
    for (const order of orders) await shop.reserve(order, { [cup]: 2 })
    // As a kill leaves them: ended, and not settled.
    const books = shop.db.collection<{ _id: string }>('reservations')
    await books.updateMany({ _id: { $in: orders } }, { $set: { state: 'released' } })
    await Promise.all([shop.sweep(), other.sweep(), shop.sweep(), other.sweep()])
    assert.deepEqual(await shop.piecesOf(cup), [10, 0, 10])
    const mended = await Promise.all(
      [shop, other].map(async ({ registry }) =>
        Number(/^inventory_holds_mended_total (\d+)$/m.exec(await registry.metrics())![1])
      )
    )
    assert.equal(mended[0]! + mended[1]!, 5)
  })
})
