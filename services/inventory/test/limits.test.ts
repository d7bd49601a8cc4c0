import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import { BSON } from 'mongodb'
import { checkBooks, newOrder, startInventory, type TestInventory } from './helper.ts'

describe('unpaid holds', () => {
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

  /** Reserves for a new order, which is returned. */
  async function order(lines: Record<string, number>, holder: { buyer?: string; network?: string }, replica = shop) {
    const orderId = newOrder()
    await replica.reserve(orderId, lines, holder).expect(200)
    return orderId
  }

  /** So many orders of one piece, one after the other. */
  async function orders(count: number, sku: string, network: string) {
    const made: string[] = []
    for (let number = 0; number < count; number++) made.push(await order({ [sku]: 1 }, { network }))
    return made
  }

  describe('of a buyer', () => {
    it('are one for each SKU: the older order gives way with all its lines', async () => {
      const [cup, mug] = [await shop.stocked(5), await shop.stocked(5)]
      const older = await order({ [cup]: 2, [mug]: 1 }, { buyer: 'ada' })
      const newer = await order({ [cup]: 3 }, { buyer: 'ada' })
      assert.deepEqual(await reservationOf(older), replacedFor(cup))
      assert.deepEqual(await reservationOf(newer), held)
      assert.deepEqual(await shop.piecesOf(cup), [2, 3, 5])
      assert.deepEqual(await shop.piecesOf(mug), [5, 0, 5])
      await checkBooks(shop, [cup, mug])
    })

    it('stay when another buyer, or someone without a name, orders the same SKU', async () => {
      const cup = await shop.stocked(5)
      const first = await order({ [cup]: 1 }, { buyer: 'ada' })
      await order({ [cup]: 1 }, { buyer: 'bob' })
      const unnamed = [await order({ [cup]: 1 }, {}), await order({ [cup]: 1 }, {})]
      for (const one of [first, ...unnamed]) assert.deepEqual(await reservationOf(one), held)
      assert.deepEqual(await shop.piecesOf(cup), [1, 4, 5])
    })

    it('stay when the newer order is of other SKUs', async () => {
      const [cup, mug] = [await shop.stocked(5), await shop.stocked(5)]
      const older = await order({ [cup]: 1 }, { buyer: 'ada' })
      await order({ [mug]: 1 }, { buyer: 'ada' })
      assert.deepEqual(await reservationOf(older), held)
    })

    it('leave their pieces to the newer order, and stay where that can not be held', async () => {
      const [cup, mug] = [await shop.stocked(3), await shop.stocked(1)]
      const older = await order({ [cup]: 3 }, { buyer: 'ada' })
      const short = await order({ [cup]: 1, [mug]: 2 }, { buyer: 'ada' })
      assert.deepEqual(await reservationOf(short), { ...held, state: 'rejected', short: [mug] })
      assert.deepEqual(await reservationOf(older), held)
      const newer = await order({ [cup]: 2, [mug]: 1 }, { buyer: 'ada' })
      assert.deepEqual(await reservationOf(newer), held)
      assert.deepEqual(await reservationOf(older), replacedFor(cup))
    })

    it('do not give way once their order is committed', async () => {
      const cup = await shop.stocked(5)
      const paid = await order({ [cup]: 2 }, { buyer: 'ada' })
      await shop.commit(paid).expect(200)
      await order({ [cup]: 1 }, { buyer: 'ada' })
      assert.equal((await reservationOf(paid)).state, 'committed')
      assert.deepEqual(await shop.piecesOf(cup), [2, 1, 3])
      await checkBooks(shop, [cup])
    })

    it('are taken again by the commit of an order that gave way while it was paid, where there are enough', async () => {
      const [cup, last] = [await shop.stocked(5), await shop.stocked(1)]
      const paid = await order({ [cup]: 2 }, { buyer: 'ada' })
      await order({ [cup]: 2 }, { buyer: 'ada' })
      await shop.commit(paid).expect(200)
      assert.deepEqual(await shop.piecesOf(cup), [1, 2, 3])
      const tooLate = await order({ [last]: 1 }, { buyer: 'ada' })
      await order({ [last]: 1 }, { buyer: 'ada' })
      const { body } = await shop.commit(tooLate).expect(409)
      assert.equal(body.type, 'urn:bulkhead:problem:stock-gone')
      assert.deepEqual(await reservationOf(tooLate), replacedFor(last))
      await checkBooks(shop, [cup, last])
    })

    it('are one when many orders come at once, at two replicas', async () => {
      const [cup, mug] = [await shop.stocked(50), await shop.stocked(50)]
      const all = await Promise.all(
        Array.from({ length: 12 }, (_, number) =>
          order({ [cup]: 1, [mug]: 1 }, { buyer: 'ada', network: 'office' }, number % 2 ? shop : other)
        )
      )
      const states = await Promise.all(all.map(async one => (await reservationOf(one)).state))
      assert.equal(states.filter(state => state === 'held').length, 1)
      assert.deepEqual(await shop.piecesOf(cup), [49, 1, 50])
      await checkBooks(shop, [cup, mug])
    })

    it('that a replica of the release before made are nobody’s', async () => {
      const cup = await shop.stocked(5)
      const older = await order({ [cup]: 1 }, { buyer: 'ada' })
      const stock = shop.db.collection<{ _id: string }>('stock')
      await stock.updateOne({ _id: cup }, { $unset: { 'holds.0.buyer': '', 'holds.0.network': '' } })
      await order({ [cup]: 1 }, { buyer: 'ada' })
      assert.deepEqual(await reservationOf(older), held)
      assert.deepEqual(await shop.piecesOf(cup), [3, 2, 5])
    })
  })

  describe('of a network', () => {
    it('are 20 of a SKU at most, and those of others stay', async () => {
      const cup = await shop.stocked(1_000)
      const all = await orders(20, cup, 'office')
      assert.deepEqual(await reservationOf(await order({ [cup]: 1 }, { network: 'office' })), limitedFor(cup))
      for (const one of all) assert.deepEqual(await reservationOf(one), held)
      assert.deepEqual(await reservationOf(await order({ [cup]: 1 }, { network: 'home' })), held)
      assert.deepEqual(await shop.piecesOf(cup), [979, 21, 1_000])
      await checkBooks(shop, [cup])
    })

    it('are a tenth of the pieces on hand at most, where there are more than 10', async () => {
      const cup = await shop.stocked(50)
      await order({ [cup]: 3 }, { network: 'office' })
      assert.deepEqual(await reservationOf(await order({ [cup]: 3 }, { network: 'office' })), limitedFor(cup))
      assert.deepEqual(await reservationOf(await order({ [cup]: 2 }, { network: 'office' })), held)
      assert.deepEqual(await reservationOf(await order({ [cup]: 1 }, { network: 'office' })), limitedFor(cup))
      const few = await shop.stocked(10)
      for (const one of await orders(10, few, 'office')) assert.deepEqual(await reservationOf(one), held)
    })

    it('may be of up to 10 pieces where it has no other hold, and of more within its tenth', async () => {
      const [few, many] = [await shop.stocked(15), await shop.stocked(1_000)]
      assert.deepEqual(await reservationOf(await order({ [few]: 11 }, { network: 'office' })), limitedFor(few))
      assert.deepEqual(await reservationOf(await order({ [few]: 10 }, { network: 'office' })), held)
      assert.deepEqual(await reservationOf(await order({ [many]: 101 }, { network: 'office' })), limitedFor(many))
      assert.deepEqual(await reservationOf(await order({ [many]: 100 }, { network: 'office' })), held)
    })

    it('count until their orders are paid, cancelled or replaced', async () => {
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
      assert.deepEqual(await shop.piecesOf(cup), [979, 20, 999])
      await checkBooks(shop, [cup])
    })

    it('are not more when many orders come at once, at two replicas', async () => {
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

    it('do not count for the commit of an order that is paid', async () => {
      const cup = await shop.stocked(1_000)
      const [paid] = await orders(1, cup, 'office')
      await shop.release(paid!).expect(200)
      await orders(20, cup, 'office')
      await shop.commit(paid!).expect(200)
      assert.deepEqual(await shop.piecesOf(cup), [979, 20, 999])
    })
  })

  describe('of a SKU', () => {
    type Stored = { _id: string; holds?: object[] }

    /** A SKU with so many holds. They are copies of one: a thousand requests would take half a minute. */
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

    it('are 1,000 at most: a further order is told to come again, and other SKUs are held', async () => {
      const { sku, first } = await stockedWithHolds(1_000)
      await checkBooks(shop, [sku])
      const [late, mug] = [newOrder(), await shop.stocked(1)]
      const { body, headers } = await shop.reserve(late, { [sku]: 1 }).expect(503)
      assert.deepEqual([body.type, headers['retry-after']], ['urn:bulkhead:problem:unavailable', '1'])
      assert.deepEqual(await reservationOf(await order({ [mug]: 1 }, {})), held)
      await shop.commit(first).expect(200)
      assert.equal((await shop.reserve(late, { [sku]: 1 }).expect(200)).body.state, 'held')
      assert.match(await shop.registry.metrics(), /inventory_holds_refused_total 1/)
      await checkBooks(shop, [sku])
    })

    it('are in a document of a quarter of a MiB at most', async () => {
      const { sku } = await stockedWithHolds(1_000)
      const size = BSON.calculateObjectSize((await shop.stock.bySku(sku))!)
      assert.ok(size < 256 * 1024, `${size} bytes`)
    })
  })

  it('name a key that is too long or empty', async () => {
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
