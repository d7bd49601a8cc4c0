import assert from 'node:assert/strict'
import { type FaultPoint, newId } from '@bulkhead/chassis/core'
import { until } from '@bulkhead/testing/until'
import { checkBooks } from './books.ts'
import { newOrder, startInventory, type TestInventory } from './helper.ts'

type Change = { change: number; count?: number; by: string }

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

describe('an import of catalog', () => {
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
  async function work(passFaultPoint?: FaultPoint) {
    workers.push(await startInventory({ beside: shop, hasWorkers: true, passFaultPoint }))
  }

  /** Lets catalog answer the same pages for every import. `pages` are quantities by SKU. */
  function catalogHas(...pages: Record<string, number>[]) {
    fake.answer('getImportedStock', ({ query: { cursor = '0' } }) => {
      const place = Number(cursor)
      const items = Object.entries(pages[place]!).map(([sku, quantity]) => ({ sku, quantity }))
      return { body: { items, nextCursor: place + 1 < pages.length ? String(place + 1) : undefined } }
    })
  }

  /** Delivers the event that an import has finished. */
  async function finish(id = newId('imp')) {
    await shop.on['catalog.import.finished']({ subject: id } as never, { traceparent: TRACE } as never)
    return id
  }
  const stateOf = async (id: string) =>
    (await shop.db.collection<{ _id: string; state: string }>('imports').findOne({ _id: id }))!.state
  const endOf = (id: string) => until(async () => (await stateOf(id)) !== 'waiting' && stateOf(id))
  const newSkus = (count: number) => Array.from({ length: count }, () => newId('sku').toUpperCase())
  const changesOf = async (sku: string) => {
    const { body } = await shop.staff('get', `${shop.stockPath(sku)}/adjustments`).expect(200)
    return body.items.map(({ change, count, by }: Change) => ({ change, count, by }))
  }

  it('sets the stock of each SKU page by page, with an adjustment in the history', async () => {
    const [cup, mug, jug] = newSkus(3) as [string, string, string]
    await shop.adjust(mug, { change: 9, reason: 'received' }).expect(201)
    catalogHas({ [cup]: 3, [mug]: 4 }, { [jug]: -2 })
    const id = await finish()
    await work()
    assert.equal(await endOf(id), 'done')
    assert.deepEqual(await shop.piecesOf(cup), { available: 3, held: 0, onHand: 3 })
    assert.deepEqual(await shop.piecesOf(mug), { available: 4, held: 0, onHand: 4 })
    assert.deepEqual(await shop.piecesOf(jug), { available: 0, held: 0, onHand: 0 })
    assert.deepEqual(await changesOf(mug), [
      { change: -5, count: 4, by: id },
      { change: 9, count: undefined, by: shop.staffId }
    ])
    assert.deepEqual(await changesOf(cup), [{ change: 3, count: 3, by: id }])
    await checkBooks(shop, [cup, mug, jug])
  })

  it('is counted once, even if its event comes twice and pieces leave in the meantime', async () => {
    const [cup, mug] = newSkus(2) as [string, string]
    await shop.adjust(mug, { count: 4, reason: 'counted' }).expect(201)
    catalogHas({ [cup]: 5, [mug]: 4 })
    const id = await finish()
    await work()
    await endOf(id)
    const order = newOrder()
    await shop.reserve(order, { [cup]: 2, [mug]: 1 })
    await shop.commit(order).expect(200)
    await finish(id)
    // The state after a worker was killed before it wrote the end of the import.
    await shop.db.collection<{ _id: string }>('imports').updateOne({ _id: id }, { $set: { state: 'waiting' } })
    assert.equal(await endOf(id), 'done')
    assert.deepEqual(await shop.piecesOf(cup), { available: 3, held: 0, onHand: 3 })
    assert.deepEqual(await shop.piecesOf(mug), { available: 3, held: 0, onHand: 3 })
    assert.equal((await changesOf(cup)).length, 1)
    await checkBooks(shop, [cup, mug])
  })

  it('leaves the held pieces, which are part of the counted pieces', async () => {
    const [cup, mug] = newSkus(2) as [string, string]
    for (const sku of [cup, mug]) await shop.adjust(sku, { count: 10, reason: 'counted' }).expect(201)
    const order = newOrder()
    await shop.reserve(order, { [cup]: 4, [mug]: 4 })
    catalogHas({ [cup]: 6, [mug]: 1 })
    const id = await finish()
    await work()
    await endOf(id)
    assert.deepEqual(await shop.piecesOf(cup), { available: 2, held: 4, onHand: 6 })
    assert.deepEqual(await shop.piecesOf(mug), { available: 0, held: 4, onHand: 4 })
    assert.deepEqual((await changesOf(mug))[0], { change: -6, count: 1, by: id })
    await shop.commit(order).expect(200)
    assert.deepEqual(await shop.piecesOf(cup), { available: 2, held: 0, onHand: 2 })
    await checkBooks(shop, [cup, mug])
  })

  it('changes no SKU that a newer import has counted', async () => {
    const [cup, mug] = newSkus(2) as [string, string]
    const older = newId('imp')
    const newer = newId('imp', { now: () => new Date(Date.now() + 1_000) })
    await shop.adjust(mug, { count: 7, reason: 'counted' }).expect(201)
    catalogHas({ [cup]: 7, [mug]: 7 })
    await work()
    await endOf(await finish(newer))
    catalogHas({ [cup]: 1, [mug]: 1 })
    await endOf(await finish(older))
    assert.deepEqual(await shop.piecesOf(cup), { available: 7, held: 0, onHand: 7 })
    assert.deepEqual(await shop.piecesOf(mug), { available: 7, held: 0, onHand: 7 })
  })

  it('loses no hold and no commit of simultaneous orders', async () => {
    const skus = newSkus(5)
    for (const sku of skus) await shop.adjust(sku, { count: 50, reason: 'counted' }).expect(201)
    const lines = skus.slice(0, 2).map(sku => ({ sku, quantity: 1 }))
    let isOpen = true
    const buy = async () => {
      for (let place = 0; isOpen; place++) {
        const order = newOrder()
        const { state } = await shop.lifecycle.reserve(order, lines)
        if (state === 'held') await shop.lifecycle[place % 3 ? 'commit' : 'release'](order)
      }
    }
    const buying = Promise.all([buy(), buy(), buy()])
    await work()
    await work()
    for (let turn = 0; turn < 10; turn++) {
      catalogHas(Object.fromEntries(skus.map(sku => [sku, 40 + turn])))
      assert.equal(await endOf(await finish()), 'done')
    }
    isOpen = false
    await buying
    await checkBooks(shop, skus)
  })

  it('is continued on another replica at the page where its replica died', async () => {
    const pages = Array.from({ length: 4 }, () => newSkus(50))
    catalogHas(...pages.map(skus => Object.fromEntries(skus.map(sku => [sku, 2]))))
    let passed = 0
    const dies: FaultPoint = name => {
      if (name !== 'after-batch-before-progress') return
      passed++
      if (passed > 2) throw new Error('This replica is dead')
    }
    const id = await finish()
    await work(dies)
    await until(() => passed > 2)
    const before = fake.asked.length
    await work()
    assert.equal(await endOf(id), 'done')
    const asked = fake.asked.slice(before).map(({ query }) => query.cursor)
    assert.ok(!asked.includes(undefined as never) && asked.at(-1) === '3', `${asked}`)
    await checkBooks(shop, pages.flat())
    assert.deepEqual(await shop.piecesOf(pages[3]![49]!), { available: 2, held: 0, onHand: 2 })
  })

  it('waits while catalog is unavailable, and ends if catalog no longer has it', async () => {
    const [cup] = newSkus(1) as [string]
    catalogHas({ [cup]: 1 })
    await fake.stop()
    const id = await finish()
    await work()
    await until(async () => (await shop.registry.metrics()).includes('inventory_imports_waiting 1'))
    await fake.startAgain()
    assert.equal(await endOf(id), 'done')
    fake.fail('getImportedStock', 404)
    assert.equal(await endOf(await finish()), 'gone')
  })

  it('stays in the event log while a hundred imports wait', async () => {
    const ids = await Promise.all(Array.from({ length: 100 }, () => finish()))
    await assert.rejects(finish(), { status: 503 })
    await shop.db.collection<{ _id: string }>('imports').deleteMany({ _id: { $in: ids } })
  })
})
