import assert from 'node:assert/strict'
import { type FaultPoint, newId } from '@bulkhead/chassis/core'
import { until } from '@bulkhead/testing/until'
import { checkBooks, newOrder, startInventory, type TestInventory } from './helper.ts'

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

describe('imports of catalog', () => {
  let shop: TestInventory
  let fake: TestInventory['fakes']['catalog']
  const workers: TestInventory[] = []

  before(async () => {
    shop = await startInventory()
    fake = shop.fakes.catalog
  })
  afterEach(async () => {
    await Promise.all(workers.splice(0).map(worker => worker.close()))
  })
  after(() => shop.close())

  /** Starts a replica that counts imports. */
  async function work(at?: FaultPoint) {
    workers.push(await startInventory({ beside: shop, hasWorkers: true, ...(at && { at }) }))
  }

  /** Has catalog say of every import what its pages are. */
  function says(...pages: Record<string, number>[]) {
    fake.answer('getImportedStock', ({ query: { cursor = '0' } }) => {
      const place = Number(cursor)
      const items = Object.entries(pages[place]!).map(([sku, quantity]) => ({ sku, quantity }))
      return { body: { items, ...(place + 1 < pages.length && { nextCursor: String(place + 1) }) } }
    })
  }

  /** Tells that an import is over, as the event log does. */
  async function finished(id = newId('imp')) {
    await shop.on['catalog.import.finished']({ subject: id } as never, { traceparent: TRACE } as never)
    return id
  }
  const stateOf = async (id: string) =>
    (await shop.db.collection<{ _id: string; state: string }>('imports').findOne({ _id: id }))!.state
  const over = (id: string) => until(async () => (await stateOf(id)) !== 'waiting' && stateOf(id))
  const newSkus = (count: number) => Array.from({ length: count }, () => newId('sku').toUpperCase())
  const changesOf = async (sku: string) => {
    const { body } = await shop.staff('get', `${shop.stockPath(sku)}/adjustments`).expect(200)
    return body.items.map(({ change, count, by }: { change: number; count?: number; by: string }) => [
      change,
      count,
      by
    ])
  }

  it('set the stock of every SKU to what was counted, page by page, with a line of history each', async () => {
    const [cup, mug, jug] = newSkus(3) as [string, string, string]
    await shop.adjust(mug, { change: 9, reason: 'received' }).expect(201)
    says({ [cup]: 3, [mug]: 4 }, { [jug]: -2 })
    const id = await finished()
    await work()
    assert.equal(await over(id), 'done')
    for (const [sku, pieces] of [
      [cup, 3],
      [mug, 4],
      [jug, 0]
    ] as const)
      assert.deepEqual(await shop.piecesOf(sku), [pieces, 0, pieces])
    assert.deepEqual(await changesOf(mug), [
      [-5, 4, id],
      [9, undefined, shop.staffId]
    ])
    assert.deepEqual(await changesOf(cup), [[3, 3, id]])
    await checkBooks(shop, [cup, mug, jug])
  })

  it('count once, though they are told and taken twice and pieces left meanwhile', async () => {
    const [cup, mug] = newSkus(2) as [string, string]
    await shop.adjust(mug, { count: 4, reason: 'counted' }).expect(201)
    says({ [cup]: 5, [mug]: 4 })
    const id = await finished()
    await work()
    await over(id)
    const order = newOrder()
    await shop.reserve(order, { [cup]: 2, [mug]: 1 })
    await shop.commit(order).expect(200)
    await finished(id)
    // As after a kill ahead of the end of the job.
    await shop.db.collection<{ _id: string }>('imports').updateOne({ _id: id }, { $set: { state: 'waiting' } })
    assert.equal(await over(id), 'done')
    assert.deepEqual(
      [await shop.piecesOf(cup), await shop.piecesOf(mug)],
      [
        [3, 0, 3],
        [3, 0, 3]
      ]
    )
    assert.equal((await changesOf(cup)).length, 1)
    await checkBooks(shop, [cup, mug])
  })

  it('leave what is held, and count it among what is on hand', async () => {
    const [cup, mug] = newSkus(2) as [string, string]
    for (const sku of [cup, mug]) await shop.adjust(sku, { count: 10, reason: 'counted' }).expect(201)
    const order = newOrder()
    await shop.reserve(order, { [cup]: 4, [mug]: 4 })
    says({ [cup]: 6, [mug]: 1 })
    const id = await finished()
    await work()
    await over(id)
    assert.deepEqual(await shop.piecesOf(cup), [2, 4, 6])
    assert.deepEqual(await shop.piecesOf(mug), [0, 4, 4])
    assert.deepEqual((await changesOf(mug))[0], [-6, 1, id])
    await shop.commit(order).expect(200)
    assert.deepEqual(await shop.piecesOf(cup), [2, 0, 2])
    await checkBooks(shop, [cup, mug])
  })

  it('do not undo a newer one when they come late', async () => {
    const [cup, mug] = newSkus(2) as [string, string]
    const [older, newer] = [newId('imp'), newId('imp', { now: () => new Date(Date.now() + 1_000) })]
    await shop.adjust(mug, { count: 7, reason: 'counted' }).expect(201)
    says({ [cup]: 7, [mug]: 7 })
    await work()
    await over(await finished(newer))
    says({ [cup]: 1, [mug]: 1 })
    await over(await finished(older))
    assert.deepEqual(
      [await shop.piecesOf(cup), await shop.piecesOf(mug)],
      [
        [7, 0, 7],
        [7, 0, 7]
      ]
    )
  })

  it('lose no hold and no commit of orders that come at the same time', async () => {
    const skus = newSkus(5)
    for (const sku of skus) await shop.adjust(sku, { count: 50, reason: 'counted' }).expect(201)
    const one = skus.slice(0, 2).map(sku => ({ sku, quantity: 1 }))
    let ordering = true
    const buy = async () => {
      for (let place = 0; ordering; place++) {
        const order = newOrder()
        const { state } = await shop.lifecycle.reserve(order, one)
        if (state === 'held') await shop.lifecycle[place % 3 ? 'commit' : 'release'](order)
      }
    }
    const buying = Promise.all([buy(), buy(), buy()])
    await work()
    await work()
    for (let turn = 0; turn < 10; turn++) {
      says(Object.fromEntries(skus.map(sku => [sku, 40 + turn])))
      assert.equal(await over(await finished()), 'done')
    }
    ordering = false
    await buying
    await checkBooks(shop, skus)
  })

  it('go on at the page where another replica died', async () => {
    const pages = Array.from({ length: 4 }, () => newSkus(50))
    says(...pages.map(skus => Object.fromEntries(skus.map(sku => [sku, 2]))))
    let passed = 0
    const dies: FaultPoint = name => {
      if (name !== 'after-batch-before-progress') return
      passed++
      if (passed > 2) throw new Error('It is dead')
    }
    const id = await finished()
    await work(dies)
    await until(() => passed > 2)
    const before = fake.asked.length
    await work()
    assert.equal(await over(id), 'done')
    const asked = fake.asked.slice(before).map(({ query }) => query.cursor)
    assert.ok(!asked.includes(undefined as never) && asked.at(-1) === '3', `${asked}`)
    await checkBooks(shop, pages.flat())
    assert.deepEqual(await shop.piecesOf(pages[3]![49]!), [2, 0, 2])
  })

  it('wait while catalog is away, and end where catalog has them no more', async () => {
    const [cup] = newSkus(1) as [string]
    says({ [cup]: 1 })
    await fake.stop()
    const id = await finished()
    await work()
    await until(async () => (await shop.registry.metrics()).includes('inventory_imports_waiting 1'))
    await fake.startAgain()
    assert.equal(await over(id), 'done')
    fake.fail('getImportedStock', 404)
    assert.equal(await over(await finished()), 'gone')
  })

  it('stay in the event log while a hundred wait', async () => {
    const ids = await Promise.all(Array.from({ length: 100 }, () => finished()))
    await assert.rejects(finished(), { status: 503 })
    await shop.db.collection<{ _id: string }>('imports').deleteMany({ _id: { $in: ids } })
  })
})
