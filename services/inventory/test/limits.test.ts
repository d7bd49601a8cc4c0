import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import { BSON } from 'mongodb'
import { checkBooks } from './books.ts'
import { newOrder, startInventory, type TestInventory } from './helper.ts'

describe('an unpaid hold', () => {
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

  const reservationOf = async (orderId: string) => {
    const { body } = await shop.staff('get', `/reservations/${orderId}`).expect(200)
    return { state: body.state, short: body.short, limited: body.limited, replaced: body.replaced }
  }
  const held = { state: 'held', short: undefined, limited: undefined, replaced: undefined }
  const replacedFor = (sku: string) => ({ ...held, state: 'released', replaced: [sku] })
  const limitedFor = (...skus: string[]) => ({ ...held, state: 'rejected', limited: skus })

  /** Reserves for a new order and returns its ID. */
  async function order(lines: Record<string, number>, holder: { buyer?: string; network?: string }, replica = shop) {
    const orderId = newOrder()
    await replica.reserve(orderId, lines, holder).expect(200)
    return orderId
  }

  /** Reserves one piece for each of `count` new orders, one after the other. */
  async function orders(count: number, sku: string, network: string) {
    const made: string[] = []
    for (let number = 0; number < count; number++) made.push(await order({ [sku]: 1 }, { network }))
    return made
  }

  describe('with a buyer', () => {
    it("is the buyer's only hold of its SKU: the older order is released with all its lines", async () => {
      const [cup, mug] = [await shop.stocked(5), await shop.stocked(5)]
      const older = await order({ [cup]: 2, [mug]: 1 }, { buyer: 'ada' })
      const newer = await order({ [cup]: 3 }, { buyer: 'ada' })
      assert.deepEqual(await reservationOf(older), replacedFor(cup))
      assert.deepEqual(await reservationOf(newer), held)
      assert.deepEqual(await shop.piecesOf(cup), { available: 2, held: 3, onHand: 5 })
      assert.deepEqual(await shop.piecesOf(mug), { available: 5, held: 0, onHand: 5 })
      await checkBooks(shop, [cup, mug])
    })

    it('stays when another buyer, or an order without a buyer, reserves the same SKU', async () => {
      const cup = await shop.stocked(5)
      const first = await order({ [cup]: 1 }, { buyer: 'ada' })
      await order({ [cup]: 1 }, { buyer: 'bob' })
      const unnamed = [await order({ [cup]: 1 }, {}), await order({ [cup]: 1 }, {})]
      for (const one of [first, ...unnamed]) assert.deepEqual(await reservationOf(one), held)
      assert.deepEqual(await shop.piecesOf(cup), { available: 1, held: 4, onHand: 5 })
    })

    it('stays when the newer order has other SKUs', async () => {
      const [cup, mug] = [await shop.stocked(5), await shop.stocked(5)]
      const older = await order({ [cup]: 1 }, { buyer: 'ada' })
      await order({ [mug]: 1 }, { buyer: 'ada' })
      assert.deepEqual(await reservationOf(older), held)
    })

    it('leaves its pieces to the newer order, and stays if the newer order cannot be held', async () => {
      const [cup, mug] = [await shop.stocked(3), await shop.stocked(1)]
      const older = await order({ [cup]: 3 }, { buyer: 'ada' })
      const short = await order({ [cup]: 1, [mug]: 2 }, { buyer: 'ada' })
      assert.deepEqual(await reservationOf(short), { ...held, state: 'rejected', short: [mug] })
      assert.deepEqual(await reservationOf(older), held)
      const newer = await order({ [cup]: 2, [mug]: 1 }, { buyer: 'ada' })
      assert.deepEqual(await reservationOf(newer), held)
      assert.deepEqual(await reservationOf(older), replacedFor(cup))
    })

    it('is not released for a newer order once its order is committed', async () => {
      const cup = await shop.stocked(5)
      const paid = await order({ [cup]: 2 }, { buyer: 'ada' })
      await shop.commit(paid).expect(200)
      await order({ [cup]: 1 }, { buyer: 'ada' })
      assert.equal((await reservationOf(paid)).state, 'committed')
      assert.deepEqual(await shop.piecesOf(cup), { available: 2, held: 1, onHand: 3 })
      await checkBooks(shop, [cup])
    })

    it('is taken again by the commit if its order was released while the buyer paid and enough pieces are left', async () => {
      const [cup, last] = [await shop.stocked(5), await shop.stocked(1)]
      const paid = await order({ [cup]: 2 }, { buyer: 'ada' })
      await order({ [cup]: 2 }, { buyer: 'ada' })
      await shop.commit(paid).expect(200)
      assert.deepEqual(await shop.piecesOf(cup), { available: 1, held: 2, onHand: 3 })
      const tooLate = await order({ [last]: 1 }, { buyer: 'ada' })
      await order({ [last]: 1 }, { buyer: 'ada' })
      const { body } = await shop.commit(tooLate).expect(409)
      assert.equal(body.type, 'urn:bulkhead:problem:stock-gone')
      assert.deepEqual(await reservationOf(tooLate), replacedFor(last))
      await checkBooks(shop, [cup, last])
    })

    it("is the buyer's only hold after many simultaneous orders at two replicas", async () => {
      const [cup, mug] = [await shop.stocked(50), await shop.stocked(50)]
      const all = await Promise.all(
        Array.from({ length: 12 }, (_, number) =>
          order({ [cup]: 1, [mug]: 1 }, { buyer: 'ada', network: 'office' }, number % 2 ? shop : other)
        )
      )
      const states = await Promise.all(all.map(async one => (await reservationOf(one)).state))
      assert.equal(states.filter(state => state === 'held').length, 1)
      assert.deepEqual(await shop.piecesOf(cup), { available: 49, held: 1, onHand: 50 })
      await checkBooks(shop, [cup, mug])
    })

    it('has no buyer if a replica of an older release made it', async () => {
      const cup = await shop.stocked(5)
      const older = await order({ [cup]: 1 }, { buyer: 'ada' })
      const stock = shop.db.collection<{ _id: string }>('stock')
      await stock.updateOne({ _id: cup }, { $unset: { 'holds.0.buyer': '', 'holds.0.network': '' } })
      await order({ [cup]: 1 }, { buyer: 'ada' })
      assert.deepEqual(await reservationOf(older), held)
      assert.deepEqual(await shop.piecesOf(cup), { available: 3, held: 2, onHand: 5 })
    })
  })

  describe('with a network', () => {
    it('is refused after 20 holds of its network, while those holds stay', async () => {
      const cup = await shop.stocked(1_000)
      const all = await orders(20, cup, 'office')
      assert.deepEqual(await reservationOf(await order({ [cup]: 1 }, { network: 'office' })), limitedFor(cup))
      for (const one of all) assert.deepEqual(await reservationOf(one), held)
      assert.deepEqual(await reservationOf(await order({ [cup]: 1 }, { network: 'home' })), held)
      assert.deepEqual(await shop.piecesOf(cup), { available: 979, held: 21, onHand: 1_000 })
      await checkBooks(shop, [cup])
    })

    it('is refused if its network would hold more than a tenth of a stock above 10 pieces', async () => {
      const cup = await shop.stocked(50)
      await order({ [cup]: 3 }, { network: 'office' })
      assert.deepEqual(await reservationOf(await order({ [cup]: 3 }, { network: 'office' })), limitedFor(cup))
      assert.deepEqual(await reservationOf(await order({ [cup]: 2 }, { network: 'office' })), held)
      assert.deepEqual(await reservationOf(await order({ [cup]: 1 }, { network: 'office' })), limitedFor(cup))
      const few = await shop.stocked(10)
      for (const one of await orders(10, few, 'office')) assert.deepEqual(await reservationOf(one), held)
    })

    it('may have 10 pieces or a tenth of the stock if its network has no other hold', async () => {
      const [few, many] = [await shop.stocked(15), await shop.stocked(1_000)]
      assert.deepEqual(await reservationOf(await order({ [few]: 11 }, { network: 'office' })), limitedFor(few))
      assert.deepEqual(await reservationOf(await order({ [few]: 10 }, { network: 'office' })), held)
      assert.deepEqual(await reservationOf(await order({ [many]: 101 }, { network: 'office' })), limitedFor(many))
      assert.deepEqual(await reservationOf(await order({ [many]: 100 }, { network: 'office' })), held)
    })

    it('counts until its order is paid, cancelled or replaced', async () => {
      const cup = await shop.stocked(1_000)
      const [paid, cancelled] = await orders(18, cup, 'office')
      const buyer = { buyer: 'ada', network: 'office' }
      await order({ [cup]: 1 }, buyer)
      await order({ [cup]: 1 }, { network: 'office' })
      assert.deepEqual(await reservationOf(await order({ [cup]: 1 }, buyer)), held)
      await shop.commit(paid!).expect(200)
      await shop.release(cancelled!).expect(200)
      await orders(2, cup, 'office')
      assert.deepEqual(await reservationOf(await order({ [cup]: 1 }, { network: 'office' })), limitedFor(cup))
      assert.deepEqual(await shop.piecesOf(cup), { available: 979, held: 20, onHand: 999 })
      await checkBooks(shop, [cup])
    })

    it('is one of at most 20 after many simultaneous orders at two replicas', async () => {
      const cup = await shop.stocked(1_000)
      const all = await Promise.all(
        Array.from({ length: 40 }, (_, number) => {
          const replica = number % 2 ? shop : other
          const orderId = newOrder()
          const isAnswered = async () =>
            (await replica.reserve(orderId, { [cup]: 1 }, { network: 'office' })).status === 200
          return until(isAnswered).then(() => reservationOf(orderId))
        })
      )
      assert.equal(all.filter(({ state }) => state === 'held').length, 20)
      assert.equal(all.filter(({ limited }) => limited).length, 20)
      await checkBooks(shop, [cup])
    })

    it('does not count against the commit of a paid order', async () => {
      const cup = await shop.stocked(1_000)
      const [paid] = await orders(1, cup, 'office')
      await shop.release(paid!).expect(200)
      await orders(20, cup, 'office')
      await shop.commit(paid!).expect(200)
      assert.deepEqual(await shop.piecesOf(cup), { available: 979, held: 20, onHand: 999 })
    })
  })

  describe('of a SKU with many holds', () => {
    type Stored = { _id: string; holds?: object[] }

    /** Creates a SKU with `count` copies of one hold, because a thousand requests would take half a minute. */
    async function stockedWithHolds(count: number) {
      const sku = await shop.stocked(10_000)
      const first = await order({ [sku]: 1 }, { buyer: 'x'.repeat(16), network: 'y'.repeat(16) })
      const { holds, available } = (await shop.stock.bySku(sku))!
      const reservation = (await shop.reservations.byId(first))!
      const more = Array.from({ length: count - 1 }, newOrder)
      await shop.db.collection<Stored>('reservations').insertMany(more.map(_id => ({ ...reservation, _id })))
      const copies = more.map(orderId => ({ ...holds[0]!, orderId, id: orderId.replace('ord', 'hld') }))
      const change = { $set: { holds: [...holds, ...copies], available: available - copies.length } }
      await shop.db.collection<Stored>('stock').updateOne({ _id: sku }, change)
      return { sku, first }
    }

    it('is refused with a 503 at 1,000 holds, while other SKUs can be held', async () => {
      const { sku, first } = await stockedWithHolds(1_000)
      await checkBooks(shop, [sku])
      const late = newOrder()
      const mug = await shop.stocked(1)
      const { body, headers } = await shop.reserve(late, { [sku]: 1 }).expect(503)
      assert.equal(body.type, 'urn:bulkhead:problem:unavailable')
      assert.equal(headers['retry-after'], '1')
      assert.deepEqual(await reservationOf(await order({ [mug]: 1 }, {})), held)
      await shop.commit(first).expect(200)
      assert.equal((await shop.reserve(late, { [sku]: 1 }).expect(200)).body.state, 'held')
      assert.match(await shop.registry.metrics(), /inventory_holds_refused_total 1/)
      await checkBooks(shop, [sku])
    })

    it('fits with 999 other holds into a quarter of a MiB', async () => {
      const { sku } = await stockedWithHolds(1_000)
      const size = BSON.calculateObjectSize((await shop.stock.bySku(sku))!)
      assert.ok(size < 256 * 1024, `${size} bytes`)
    })
  })

  it('is refused with a key that is too long or empty', async () => {
    for (const field of ['buyer', 'network'])
      for (const key of ['', 'x'.repeat(65)]) {
        const { body } = await shop.reserve(newOrder(), { A: 1 }, { [field]: key }).expect(400)
        assert.deepEqual(
          body.errors.map(({ pointer }: { pointer: string }) => pointer),
          [`/body/${field}`]
        )
      }
  })
})
