import assert from 'node:assert/strict'
import { allItems } from '@bulkhead/testing/all-items'
import * as callers from '@bulkhead/testing/callers'
import type request from 'supertest'
import { reservation } from '../src/reservations/schemas.ts'
import { checkBooks } from './books.ts'
import { HOUR_MS, newOrder, startInventory, type TestInventory } from './helper.ts'

describe('a reservation', () => {
  let shop: TestInventory
  before(async () => {
    shop = await startInventory()
  })
  after(() => shop.close())

  const stateOf = async (orderId: string) =>
    (await shop.staff('get', `/reservations/${orderId}`).expect(200)).body.state

  it('holds all lines, and gives the pieces back when it is released', async () => {
    const cup = await shop.stocked(5)
    const mug = await shop.stocked(2)
    const order = newOrder()
    const { body } = await shop.reserve(order, { [cup]: 3, [mug]: 2 }).expect(200)
    assert.deepEqual(reservation.parse(body), body)
    const lines = [
      { sku: cup, quantity: 3 },
      { sku: mug, quantity: 2 }
    ]
    assert.equal(body.orderId, order)
    assert.equal(body.state, 'held')
    assert.deepEqual(body.lines, lines)
    assert.deepEqual(await shop.piecesOf(cup), { available: 2, held: 3, onHand: 5 })
    assert.deepEqual(await shop.piecesOf(mug), { available: 0, held: 2, onHand: 2 })
    const released = await shop.release(order).expect(200)
    assert.equal(released.body.state, 'released')
    assert.deepEqual(released.body.lines, lines)
    assert.deepEqual(await shop.piecesOf(cup), { available: 5, held: 0, onHand: 5 })
    assert.deepEqual(await shop.piecesOf(mug), { available: 2, held: 0, onHand: 2 })
  })

  it('lets its pieces leave when it is committed', async () => {
    const cup = await shop.stocked(5)
    const order = newOrder()
    await shop.reserve(order, { [cup]: 3 }).expect(200)
    assert.equal((await shop.commit(order).expect(200)).body.state, 'committed')
    assert.deepEqual(await shop.piecesOf(cup), { available: 2, held: 0, onHand: 2 })
    await checkBooks(shop, [cup])
  })

  it('accepts a hundred of the longest SKUs', async () => {
    const name = '\u0001'.repeat(250)
    const skus = Array.from({ length: 100 }, (_, number) => `a${name}${100 + number}`)
    const { body } = await shop.reserve(newOrder(), Object.fromEntries(skus.map(sku => [sku, 1]))).expect(200)
    assert.equal(body.short.length, 100)
  })

  it('holds nothing if a line has too few pieces, and names every such line', async () => {
    const cup = await shop.stocked(5)
    const mug = await shop.stocked(1)
    const jug = await shop.stocked(9)
    const order = newOrder()
    const lines = { [cup]: 1, [mug]: 2, 'SKU-NONE': 1, [jug]: 9 }
    const { body } = await shop.reserve(order, lines).expect(200)
    assert.equal(body.state, 'rejected')
    assert.deepEqual(body.short.toSorted(), [mug, 'SKU-NONE'].sort())
    assert.deepEqual(await shop.piecesOf(cup), { available: 5, held: 0, onHand: 5 })
    assert.deepEqual(await shop.piecesOf(mug), { available: 1, held: 0, onHand: 1 })
    assert.deepEqual(await shop.piecesOf(jug), { available: 9, held: 0, onHand: 9 })
    await shop.adjust(mug, { change: 9, reason: 'received' }).expect(201)
    assert.equal((await shop.reserve(order, lines)).body.state, 'rejected')
    assert.equal((await shop.release(order).expect(200)).body.state, 'rejected')
  })

  it('is the same however often each request is repeated', async () => {
    const cup = await shop.stocked(5)
    const order = newOrder()
    for (let turn = 0; turn < 3; turn++) assert.equal((await shop.reserve(order, { [cup]: 2 })).body.state, 'held')
    assert.deepEqual(await shop.piecesOf(cup), { available: 3, held: 2, onHand: 5 })
    for (let turn = 0; turn < 3; turn++) await shop.commit(order).expect(200)
    assert.equal((await shop.reserve(order, { [cup]: 2 })).body.state, 'committed')
    assert.deepEqual(await shop.piecesOf(cup), { available: 3, held: 0, onHand: 3 })
    const second = newOrder()
    await shop.reserve(second, { [cup]: 3 })
    for (let turn = 0; turn < 3; turn++) await shop.release(second).expect(200)
    assert.equal((await shop.reserve(second, { [cup]: 3 })).body.state, 'released')
    assert.deepEqual(await shop.piecesOf(cup), { available: 3, held: 0, onHand: 3 })
    await checkBooks(shop, [cup])
  })

  it('is the same when each request is sent several times at once', async () => {
    const cup = await shop.stocked(5)
    const order = newOrder()
    const times = async (send: () => request.Test) => {
      const answers = await Promise.all(Array.from({ length: 8 }, send))
      return new Set(answers.map(({ status, body }) => `${status} ${body.state}`))
    }
    assert.deepEqual(await times(() => shop.reserve(order, { [cup]: 2 })), new Set(['200 held']))
    assert.deepEqual(await shop.piecesOf(cup), { available: 3, held: 2, onHand: 5 })
    assert.deepEqual(await times(() => shop.commit(order)), new Set(['200 committed']))
    assert.deepEqual(await shop.piecesOf(cup), { available: 3, held: 0, onHand: 3 })
    await checkBooks(shop, [cup])
  })

  it('is refused if its lines differ from an earlier request for the same order', async () => {
    const cup = await shop.stocked(5)
    const mug = await shop.stocked(5)
    const order = newOrder()
    await shop.reserve(order, { [cup]: 2, [mug]: 1 }).expect(200)
    await shop.reserve(order, { [mug]: 1, [cup]: 2 }).expect(200)
    for (const lines of [{ [cup]: 1, [mug]: 1 }, { [cup]: 2 }, { [cup]: 2, [mug]: 1, X: 1 }]) {
      const { body } = await shop.reserve(order, lines).expect(409)
      assert.equal(body.type, 'urn:bulkhead:problem:reservation-differs')
    }
  })

  it('cannot be released once it is committed', async () => {
    const cup = await shop.stocked(1)
    const order = newOrder()
    await shop.reserve(order, { [cup]: 1 })
    await shop.commit(order).expect(200)
    assert.equal((await shop.release(order).expect(409)).body.type, 'urn:bulkhead:problem:reservation-committed')
    assert.equal(await stateOf(order), 'committed')
  })

  it('counts as one stock-out if it is rejected for lack of stock, however often it is repeated', async () => {
    const figure = async () =>
      (await shop.registry.getSingleMetric('bulkhead_stock_outs_total')!.get()).values[0]!.value
    const before = await figure()
    const cup = await shop.stocked(1)
    const order = newOrder()
    for (let turn = 0; turn < 3; turn++) await shop.reserve(order, { [cup]: 2 }).expect(200)
    assert.equal(await figure(), before + 1)
  })

  it('holds nothing if it comes after its release', async () => {
    const cup = await shop.stocked(1)
    const order = newOrder()
    const { body } = await shop.release(order).expect(200)
    assert.equal(body.state, 'released')
    assert.deepEqual(body.lines, [])
    assert.equal((await shop.reserve(order, { [cup]: 1 }).expect(200)).body.state, 'released')
    assert.equal((await shop.commit(order).expect(409)).body.type, 'urn:bulkhead:problem:stock-gone')
    assert.deepEqual(await shop.piecesOf(cup), { available: 1, held: 0, onHand: 1 })
  })

  it('holds nothing if it comes at the same time as its release', async () => {
    const cup = await shop.stocked(100)
    const answers = new Set<string>()
    for (let turn = 0; turn < 40; turn++) {
      const order = newOrder()
      const [reserved, released] = await Promise.all([shop.reserve(order, { [cup]: 1 }), shop.release(order)])
      assert.equal(released.body.state, 'released')
      assert.deepEqual(await shop.piecesOf(cup), { available: 100, held: 0, onHand: 100 })
      answers.add(reserved.body.state)
    }
    assert.ok(answers.has('released'))
  })

  it('expires, and can still be committed while there are enough pieces', async () => {
    const cup = await shop.stocked(3)
    const order = newOrder()
    const other = newOrder()
    await shop.reserve(order, { [cup]: 2 })
    await shop.reserve(other, { [cup]: 1 })
    shop.forward(HOUR_MS - 60_000)
    await shop.sweep()
    assert.deepEqual(await shop.piecesOf(cup), { available: 0, held: 3, onHand: 3 })
    shop.forward(120_000)
    await shop.sweep()
    assert.deepEqual(await shop.piecesOf(cup), { available: 3, held: 0, onHand: 3 })
    assert.equal(await stateOf(order), 'released')
    assert.equal((await shop.commit(order).expect(200)).body.state, 'committed')
    await shop.adjust(cup, { count: 0, reason: 'counted' }).expect(201)
    for (let turn = 0; turn < 2; turn++) {
      const { body } = await shop.commit(other).expect(409)
      assert.equal(body.type, 'urn:bulkhead:problem:stock-gone')
      assert.equal(body.detail, cup)
    }
    assert.equal(await stateOf(other), 'released')
    await checkBooks(shop, [cup])
  })

  it('returns 404 for an order without a reservation', async () => {
    await shop.commit(newOrder()).expect(404)
    await shop.staff('get', `/reservations/${newOrder()}`).expect(404)
  })

  it('can be made only by orders, and read by orders and staff', async () => {
    const order = newOrder()
    const lines = { lines: [{ sku: 'A', quantity: 1 }] }
    const cart = callers.service('cart', 'inventory')
    for (const { header } of [callers.staff(), callers.customer(), { header: cart }]) {
      for (const path of ['', '/release', '/commit'])
        await shop.anyone.put(`/reservations/${order}${path}`).set('Authorization', header).send(lines).expect(403)
    }
    await shop.anyone.get('/reservations').expect(401)
    await shop.orders('get', `/reservations/${order}`).expect(404)
  })

  it('is listed for staff by ID, and can be filtered by state', async () => {
    const cup = await shop.stocked(50)
    const orders = Array.from({ length: 5 }, newOrder).sort()
    for (const order of orders) await shop.reserve(order, { [cup]: 1 })
    await shop.commit(orders[1]!)
    const list = async (query: string) => {
      const page = (cursor: string) => shop.staff('get', `/reservations?limit=2${query}${cursor}`).expect(200)
      const ids = (await allItems<{ orderId: string }>(page)).map(({ orderId }) => orderId)
      return ids.filter(id => orders.includes(id))
    }
    assert.deepEqual(await list(''), orders)
    assert.deepEqual(await list('&state=held'), orders.toSpliced(1, 1))
    assert.deepEqual(await list('&state=committed'), [orders[1]])
  })

  it('names the wrong fields of a request', async () => {
    const pointers = async (lines: unknown) => {
      const { body } = await shop.orders('put', `/reservations/${newOrder()}`).send({ lines }).expect(400)
      return body.errors.map(({ pointer }: { pointer: string }) => pointer)
    }
    assert.deepEqual(await pointers([]), ['/body/lines'])
    assert.deepEqual(await pointers([{ sku: 'A', quantity: 0 }]), ['/body/lines/0/quantity'])
    assert.deepEqual(await pointers([{ sku: '..', quantity: 1.5 }]), ['/body/lines/0/sku', '/body/lines/0/quantity'])
    assert.deepEqual(await pointers([1, 2].map(quantity => ({ sku: 'A', quantity }))), ['/body/lines'])
    assert.deepEqual(await pointers(Array.from({ length: 101 }, (_, n) => ({ sku: `${n}`, quantity: 1 }))), [
      '/body/lines'
    ])
    await shop
      .orders('put', '/reservations/ord_1')
      .send({ lines: [{ sku: 'A', quantity: 1 }] })
      .expect(400)
  })
})
