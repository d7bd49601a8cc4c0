import assert from 'node:assert/strict'
import { allItems } from '@bulkhead/testing/all-items'
import * as callers from '@bulkhead/testing/callers'
import type request from 'supertest'
import { reservation } from '../src/reservations/schemas.ts'
import { checkBooks, HOUR_MS, newOrder, startInventory, type TestInventory } from './helper.ts'

describe('reservations', () => {
  let shop: TestInventory
  before(async () => {
    shop = await startInventory()
  })
  after(() => shop.close())

  const stateOf = async (orderId: string) =>
    (await shop.staff('get', `/reservations/${orderId}`).expect(200)).body.state

  it('hold all lines, and give them back when they are released', async () => {
    const [cup, mug, order] = [await shop.stocked(5), await shop.stocked(2), newOrder()]
    const { body } = await shop.reserve(order, { [cup]: 3, [mug]: 2 }).expect(200)
    assert.deepEqual(reservation.parse(body), body)
    const lines = [
      { sku: cup, quantity: 3 },
      { sku: mug, quantity: 2 }
    ]
    assert.deepEqual([body.orderId, body.state, body.lines], [order, 'held', lines])
    assert.deepEqual(
      [await shop.piecesOf(cup), await shop.piecesOf(mug)],
      [
        [2, 3, 5],
        [0, 2, 2]
      ]
    )
    const released = await shop.release(order).expect(200)
    assert.deepEqual([released.body.state, released.body.lines], ['released', lines])
    assert.deepEqual(
      [await shop.piecesOf(cup), await shop.piecesOf(mug)],
      [
        [5, 0, 5],
        [2, 0, 2]
      ]
    )
  })

  it('let what is committed leave', async () => {
    const [cup, order] = [await shop.stocked(5), newOrder()]
    await shop.reserve(order, { [cup]: 3 }).expect(200)
    assert.equal((await shop.commit(order).expect(200)).body.state, 'committed')
    assert.deepEqual(await shop.piecesOf(cup), [2, 0, 2])
    await checkBooks(shop, [cup])
  })

  it('take a hundred of the longest SKUs', async () => {
    const name = '\u0001'.repeat(250)
    const skus = Array.from({ length: 100 }, (_, number) => `a${name}${100 + number}`)
    const { body } = await shop.reserve(newOrder(), Object.fromEntries(skus.map(sku => [sku, 1]))).expect(200)
    assert.equal(body.short.length, 100)
  })

  it('hold nothing where one line is short, and name every line that is', async () => {
    const [cup, mug, jug, order] = [await shop.stocked(5), await shop.stocked(1), await shop.stocked(9), newOrder()]
    const { body } = await shop.reserve(order, { [cup]: 1, [mug]: 2, 'SKU-NONE': 1, [jug]: 9 }).expect(200)
    assert.deepEqual([body.state, body.short.toSorted()], ['rejected', [mug, 'SKU-NONE'].sort()])
    for (const [sku, all] of [
      [cup, 5],
      [mug, 1],
      [jug, 9]
    ] as const)
      assert.deepEqual(await shop.piecesOf(sku), [all, 0, all])
    await shop.adjust(mug, { change: 9, reason: 'received' }).expect(201)
    assert.equal((await shop.reserve(order, { [cup]: 1, [mug]: 2, 'SKU-NONE': 1, [jug]: 9 })).body.state, 'rejected')
    assert.equal((await shop.release(order).expect(200)).body.state, 'rejected')
  })

  it('are the same however often each request is sent', async () => {
    const [cup, order] = [await shop.stocked(5), newOrder()]
    for (let turn = 0; turn < 3; turn++) assert.equal((await shop.reserve(order, { [cup]: 2 })).body.state, 'held')
    assert.deepEqual(await shop.piecesOf(cup), [3, 2, 5])
    for (let turn = 0; turn < 3; turn++) await shop.commit(order).expect(200)
    assert.equal((await shop.reserve(order, { [cup]: 2 })).body.state, 'committed')
    assert.deepEqual(await shop.piecesOf(cup), [3, 0, 3])
    const second = newOrder()
    await shop.reserve(second, { [cup]: 3 })
    for (let turn = 0; turn < 3; turn++) await shop.release(second).expect(200)
    assert.equal((await shop.reserve(second, { [cup]: 3 })).body.state, 'released')
    assert.deepEqual(await shop.piecesOf(cup), [3, 0, 3])
    await checkBooks(shop, [cup])
  })

  it('are the same when each request is sent several times at once', async () => {
    const [cup, order] = [await shop.stocked(5), newOrder()]
    const times = async (send: () => request.Test) => {
      const answers = await Promise.all(Array.from({ length: 8 }, send))
      return new Set(answers.map(({ status, body }) => `${status} ${body.state}`))
    }
    assert.deepEqual(await times(() => shop.reserve(order, { [cup]: 2 })), new Set(['200 held']))
    assert.deepEqual(await shop.piecesOf(cup), [3, 2, 5])
    assert.deepEqual(await times(() => shop.commit(order)), new Set(['200 committed']))
    assert.deepEqual(await shop.piecesOf(cup), [3, 0, 3])
    await checkBooks(shop, [cup])
  })

  it('refuse other lines for the same order', async () => {
    const [cup, mug, order] = [await shop.stocked(5), await shop.stocked(5), newOrder()]
    await shop.reserve(order, { [cup]: 2, [mug]: 1 }).expect(200)
    await shop.reserve(order, { [mug]: 1, [cup]: 2 }).expect(200)
    for (const lines of [{ [cup]: 1, [mug]: 1 }, { [cup]: 2 }, { [cup]: 2, [mug]: 1, X: 1 }]) {
      const { body } = await shop.reserve(order, lines).expect(409)
      assert.equal(body.type, 'urn:bulkhead:problem:reservation-differs')
    }
  })

  it('can not be released once they are committed', async () => {
    const [cup, order] = [await shop.stocked(1), newOrder()]
    await shop.reserve(order, { [cup]: 1 })
    await shop.commit(order).expect(200)
    assert.equal((await shop.release(order).expect(409)).body.type, 'urn:bulkhead:problem:reservation-committed')
    assert.equal(await stateOf(order), 'committed')
  })

  it('are refused when they come after their release', async () => {
    const [cup, order] = [await shop.stocked(1), newOrder()]
    const { body } = await shop.release(order).expect(200)
    assert.deepEqual([body.state, body.lines], ['released', []])
    assert.equal((await shop.reserve(order, { [cup]: 1 }).expect(200)).body.state, 'released')
    assert.equal((await shop.commit(order).expect(409)).body.type, 'urn:bulkhead:problem:stock-gone')
    assert.deepEqual(await shop.piecesOf(cup), [1, 0, 1])
  })

  it('hold nothing when they come at the same time as their release', async () => {
    const cup = await shop.stocked(100)
    const answers = new Set<string>()
    for (let turn = 0; turn < 40; turn++) {
      const order = newOrder()
      const [reserved, released] = await Promise.all([shop.reserve(order, { [cup]: 1 }), shop.release(order)])
      assert.equal(released.body.state, 'released')
      assert.deepEqual(await shop.piecesOf(cup), [100, 0, 100])
      answers.add(reserved.body.state)
    }
    assert.ok(answers.has('released'))
  })

  it('expire, and are taken again by a commit while there is enough', async () => {
    const [cup, order, other] = [await shop.stocked(3), newOrder(), newOrder()]
    await shop.reserve(order, { [cup]: 2 })
    await shop.reserve(other, { [cup]: 1 })
    shop.forward(HOUR_MS - 60_000)
    await shop.sweep()
    assert.deepEqual(await shop.piecesOf(cup), [0, 3, 3])
    shop.forward(120_000)
    await shop.sweep()
    assert.deepEqual(await shop.piecesOf(cup), [3, 0, 3])
    assert.equal(await stateOf(order), 'released')
    assert.equal((await shop.commit(order).expect(200)).body.state, 'committed')
    await shop.adjust(cup, { count: 0, reason: 'counted' }).expect(201)
    for (let turn = 0; turn < 2; turn++) {
      const { body } = await shop.commit(other).expect(409)
      assert.deepEqual([body.type, body.detail], ['urn:bulkhead:problem:stock-gone', cup])
    }
    assert.equal(await stateOf(other), 'released')
    await checkBooks(shop, [cup])
  })

  it('are not found where there is none', async () => {
    await shop.commit(newOrder()).expect(404)
    await shop.staff('get', `/reservations/${newOrder()}`).expect(404)
  })

  it('are for orders only, and read by staff too', async () => {
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

  it('are listed for staff in the order of IDs, also by state', async () => {
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

  it('name what is wrong with a request', async () => {
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
