import assert from 'node:assert/strict'
import { allItems } from '@bulkhead/testing/all-items'
import * as callers from '@bulkhead/testing/callers'
import { adjustment, stock } from '../src/stock/schemas.ts'
import { checkBooks } from './books.ts'
import { newOrder, startInventory, type TestInventory } from './helper.ts'

describe('stock', () => {
  let shop: TestInventory
  before(async () => {
    shop = await startInventory()
  })
  after(() => shop.close())

  const { header: customer } = callers.customer()
  const pointersOf = ({ errors }: { errors: { pointer: string }[] }) => errors.map(({ pointer }) => pointer)
  const historyOf = async (sku: string, query = '') =>
    (await shop.staff('get', `${shop.stockPath(sku)}/adjustments${query}`).expect(200)).body
  const changes = ({ items }: { items: { change: number }[] }) => items.map(({ change }) => change)

  it('can be adjusted by staff, by a change or to a count', async () => {
    const sku = 'MUG/BLUE 1'
    const { body } = await shop.adjust(sku, { change: 20, reason: 'received', note: ' By van ' }).expect(201)
    assert.deepEqual(adjustment.parse(body), body)
    const { at, ...rest } = body
    assert.deepEqual(rest, { sku, number: 1, change: 20, reason: 'received', note: 'By van', by: shop.staffId })
    await shop.adjust(sku, { change: -3, reason: 'damaged' }).expect(201)
    const counted = await shop.adjust(sku, { count: 15, reason: 'counted' }).expect(201)
    const { number, change, count } = counted.body
    assert.deepEqual({ number, change, count }, { number: 3, change: -2, count: 15 })
    assert.deepEqual(await shop.piecesOf(sku), { available: 15, held: 0, onHand: 15 })
    assert.deepEqual(changes(await historyOf(sku)), [-2, -3, 20])
    await checkBooks(shop, [sku])
  })

  it('shows the available pieces to everyone, and the holds only to staff', async () => {
    const sku = await shop.stocked(5)
    const order = newOrder()
    await shop.reserve(order, { [sku]: 2 })
    const path = shop.stockPath(sku)
    assert.deepEqual((await shop.anyone.get(path).expect(200)).body, { sku, available: 3 })
    const { body: own } = await shop.anyone.get(path).set('Authorization', customer).expect(200)
    assert.deepEqual(own, { sku, available: 3 })
    const { body } = await shop.staff('get', path).expect(200)
    const [{ at, ...hold }, ...others] = body.holds
    assert.deepEqual(hold, { orderId: order, quantity: 2 })
    assert.deepEqual(others, [])
    assert.deepEqual(await shop.piecesOf(sku), { available: 3, held: 2, onHand: 5 })
    await shop.anyone.get('/stock/SKU-NONE').expect(404)
  })

  it('is listed by SKU and page by page, without SKUs that never had any', async () => {
    const skus = [await shop.stocked(1), await shop.stocked(2), await shop.stocked(3)]
    const { body } = await shop.anyone.get(`/stock?skus=${skus[2]},SKU-NONE,${skus[0]}`).expect(200)
    assert.deepEqual(body.items, [
      { sku: skus[2], available: 3 },
      { sku: skus[0], available: 1 }
    ])
    const items = await allItems<{ sku: string }>(cursor => shop.staff('get', `/stock?limit=2${cursor}`).expect(200))
    for (const item of items) assert.deepEqual(stock.parse(item), item)
    const seen = items.map(({ sku }) => sku)
    assert.deepEqual(seen, seen.toSorted())
    assert.ok(skus.every(sku => seen.filter(other => other === sku).length === 1))
  })

  it('accepts the longest SKU, and refuses a list of SKUs that is too long for a URL', async () => {
    const sku = '\u6f22'.repeat(255)
    await shop.adjust(sku, { change: 1, reason: 'received' }).expect(201)
    assert.deepEqual(await shop.piecesOf(sku), { available: 1, held: 0, onHand: 1 })
    const list = (count: number) => `/stock?skus=${encodeURIComponent(Array(count).fill(sku).join(','))}`
    assert.equal((await shop.anyone.get(list(3)).expect(200)).body.items.length, 3)
    const { body } = await shop.anyone.get(list(5)).expect(400)
    assert.equal(body.errors[0].pointer, '/query/skus')
  })

  it('refuses an adjustment below the held pieces', async () => {
    const sku = await shop.stocked(5)
    await shop.reserve(newOrder(), { [sku]: 3 })
    for (const wanted of [{ change: -3 }, { count: 2 }]) {
      const { body } = await shop.adjust(sku, { ...wanted, reason: 'correction' }).expect(409)
      assert.equal(body.type, 'urn:bulkhead:problem:stock-too-low')
      assert.equal(body.detail, '5 are on hand, of which 3 are held')
    }
    await shop.adjust('SKU-NEW', { change: -1, reason: 'damaged' }).expect(409)
    await shop.anyone.get('/stock/SKU-NEW').expect(404)
    await shop.adjust(sku, { change: 1_000_000_000, reason: 'received' }).expect(409)
    await shop.adjust(sku, { change: -2, reason: 'damaged' }).expect(201)
    assert.deepEqual(await shop.piecesOf(sku), { available: 0, held: 3, onHand: 3 })
    assert.equal((await historyOf(sku)).items.length, 2)
    await checkBooks(shop, [sku])
  })

  it('is adjusted once for each Idempotency-Key, however late the request is repeated', async () => {
    const sku = await shop.stocked(5)
    const keyed = (body: object) => shop.adjust(sku, body).set('Idempotency-Key', 'delivery-42')
    const received = { change: 7, reason: 'received' }
    const answers = await Promise.all(Array.from({ length: 6 }, () => keyed(received).expect(201)))
    for (let turn = 0; turn < 3; turn++) await shop.adjust(sku, { change: -1, reason: 'damaged' }).expect(201)
    answers.push(await keyed(received).expect(201))
    assert.deepEqual(new Set(answers.map(({ body }) => body.number)), new Set([2]))
    assert.deepEqual(await shop.piecesOf(sku), { available: 9, held: 0, onHand: 9 })
    const { body } = await keyed({ change: 8, reason: 'received' }).expect(422)
    assert.equal(body.type, 'urn:bulkhead:problem:idempotency-key-reused')
    await checkBooks(shop, [sku])
  })

  it('accepts all of many simultaneous adjustments, and numbers them without gaps', async () => {
    const sku = `NEW-${newOrder()}`
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, place) => shop.adjust(sku, { change: place + 1, reason: 'received' }).expect(201))
    )
    assert.deepEqual(
      made.map(({ body }) => body.number).sort((one, other) => one - other),
      Array.from({ length: 12 }, (_, n) => n + 1)
    )
    assert.deepEqual(await shop.piecesOf(sku), { available: 78, held: 0, onHand: 78 })
    await checkBooks(shop, [sku])
  })

  it('lists its adjustments page by page, the latest first, even while new ones are made', async () => {
    const sku = await shop.stocked(1)
    for (let change = 2; change <= 5; change++) await shop.adjust(sku, { change, reason: 'received' })
    const first = await historyOf(sku, '?limit=2')
    assert.deepEqual(changes(first), [5, 4])
    await shop.adjust(sku, { change: 6, reason: 'received' })
    const second = await historyOf(sku, `?limit=2&cursor=${first.nextCursor}`)
    const third = await historyOf(sku, `?limit=2&cursor=${second.nextCursor}`)
    assert.deepEqual(changes(second), [3, 2])
    assert.deepEqual(changes(third), [1])
    assert.equal(third.nextCursor, undefined)
    assert.deepEqual(changes(await historyOf(sku, '?limit=100')), [6, 5, 4, 3, 2, 1])
    await shop.anyone
      .get(`${shop.stockPath(sku)}/adjustments`)
      .set('Authorization', customer)
      .expect(403)
  })

  it('names the wrong fields of an adjustment', async () => {
    const pointers = async (body: object) => pointersOf((await shop.adjust('SKU-BAD', body).expect(400)).body)
    const reason = 'received'
    assert.deepEqual(await pointers({ reason }), ['/body/change'])
    assert.deepEqual(await pointers({ reason, change: 1, count: 1 }), ['/body/change'])
    assert.deepEqual(await pointers({ reason, count: -1 }), ['/body/count'])
    assert.deepEqual(await pointers({ reason, change: 1.5 }), ['/body/change'])
    assert.deepEqual(await pointers({ reason: 'stolen', change: 1 }), ['/body/reason'])
    assert.deepEqual(await pointers({ reason, change: 2e9, note: '' }), ['/body/change', '/body/note'])
    const path = '/stock/SKU-BAD/adjustments'
    await shop.anyone.post(path).send({ reason, change: 1 }).expect(401)
    await shop.orders('post', path).send({ reason, change: 1 }).expect(403)
    for (const query of ['skus=', 'skus=A,,B', 'limit=0', 'cursor=x'])
      await shop.anyone.get(`/stock?${query}`).expect(400)
  })
})
