import assert from 'node:assert/strict'
import * as callers from '@bulkhead/testing/callers'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { type Order, order as orderSchema } from '../src/schemas.ts'
import { type Neighbours, type Running, replica, running, twoMugs } from './helper.ts'

const ada = callers.customer()
const bob = callers.customer()
const staff = callers.staff()

describe('orders', () => {
  let around: Running['around']
  let store: Running['store']
  let one: Running['one']
  let end: Running['end']
  let keys = 0

  beforeEach(async () => {
    ;({ around, store, one, end } = await running())
  })
  afterEach(() => end())

  const send = (method: 'get' | 'post', path: string, header?: string) => {
    const sending = request(one.app)[method](path)
    return header ? sending.set('Authorization', header) : sending
  }
  const place = (body: object = twoMugs, key = `order-${++keys}-key`, header?: string) =>
    send('post', '/orders', header).set('Idempotency-Key', `${key}-of-the-tests`).send(body)
  const comesTo = async (id: string, state: string) => {
    const is = async () => (await one.orders.byId(id))!.state
    await until(async () => (await is()) === state).catch(async () => assert.fail(`It is ${await is()}, not ${state}`))
  }
  const asked = (service: keyof Pick<Neighbours, 'inventory' | 'payments'>) =>
    around[service].asked.map(({ operation }) => operation)

  it('are placed at catalog’s prices, paid, and taken from stock', async () => {
    const { body, headers } = await place().expect(201)
    assert.deepEqual(orderSchema.parse(body), body)
    assert.deepEqual(
      [body.state, body.total, headers.location],
      ['placed', { amount: 2_990, currency: 'EUR' }, `orders/${body.id}`]
    )
    await comesTo(body.id, 'captured')
    const { body: captured } = await send('get', `/orders/${body.id}`).expect(200)
    assert.deepEqual(
      captured.history.map(({ state }: { state: string }) => state),
      ['placed', 'capturing', 'captured']
    )
    assert.deepEqual(
      [asked('inventory'), asked('payments')],
      [
        ['reserve', 'commit'],
        ['pay', 'capture']
      ]
    )
    assert.deepEqual(around.payments.asked[0]!.body, { method: twoMugs.paymentMethod })
    assert.deepEqual(await store.eventsOf('orders', body.id), [['orders.order.captured', 3]])
  })

  it('are placed once for each key', async () => {
    await send('post', '/orders').send(twoMugs).expect(400)
    const [first, again] = await Promise.all([place(twoMugs, 'same-key-1'), place(twoMugs, 'same-key-1')])
    assert.deepEqual([first.status, again.status, again.body.id], [201, 201, first.body.id])
    around.catalog.answer('listProducts', () => ({ body: { items: [] } }))
    assert.equal((await place(twoMugs, 'same-key-1').expect(201)).body.id, first.body.id)
    await place({ ...twoMugs, currency: 'USD' }, 'same-key-1').expect(422)
    assert.equal(await one.orders.collection.countDocuments(), 1)
  })

  it('are their customer’s and staff’s alone, and a guest’s for who knows the ID', async () => {
    const { body: hers } = await place(twoMugs, 'hers-0001', ada.header).expect(201)
    const { body: guests } = await place().expect(201)
    for (const header of [bob.header, undefined]) {
      await send('get', `/orders/${hers.id}`, header).expect(404)
      await send('get', `/orders/${hers.id}/events`, header).expect(404)
      await send('post', `/orders/${hers.id}/cancel`, header).expect(404)
    }
    await send('get', `/orders/${hers.id}`, ada.header).expect(200)
    await send('get', `/orders/${guests.id}`).expect(200)
    const listed = async (header: string) => (await send('get', '/orders', header).expect(200)).body.items.length
    assert.deepEqual([await listed(ada.header), await listed(bob.header), await listed(staff.header)], [1, 0, 2])
    await send('get', '/orders').expect(401)
    await send('post', `/orders/${guests.id}/refunds`, ada.header).send({ reason: 'x' }).expect(403)
  })

  it('are rejected where the stock is short, and what was held is undone', async () => {
    around.inventory.answer('reserve', () => ({ body: { state: 'rejected', short: ['MUG'] } }))
    const { body } = await place().expect(201)
    await comesTo(body.id, 'rejected')
    assert.deepEqual([asked('inventory'), asked('payments')], [['reserve', 'release'], ['void']])
    const { body: rejected } = await send('get', `/orders/${body.id}`)
    assert.deepEqual([rejected.reason, rejected.history.at(-1).reason], ['short of MUG', 'short of MUG'])
  })

  it('are declined where the payment is, and say why', async () => {
    around.payments.answer('pay', () => ({ body: { state: 'declined', reason: 'insufficient-funds' } }))
    const { body } = await place().expect(201)
    await comesTo(body.id, 'declined')
    const { body: declined } = await send('get', `/orders/${body.id}`)
    assert.deepEqual([declined.reason, declined.history.at(-1).reason], ['insufficient-funds', 'insufficient-funds'])
    assert.deepEqual(asked('inventory'), ['reserve', 'release'])
  })

  it('wait while the customer proves who they are, and go on when that is known', async () => {
    around.payments.answer('pay', () => ({ body: { state: 'pending', action: { id: 'sbx_1' } } }))
    const { body } = await place().expect(201)
    await comesTo(body.id, 'pending')
    assert.deepEqual((await send('get', `/orders/${body.id}`)).body.action, { id: 'sbx_1' })
    around.payments.answer('pay', () => ({ body: { state: 'authorised' } }))
    await one.driver.wake(body.id)
    await comesTo(body.id, 'captured')
    assert.equal((await send('get', `/orders/${body.id}`)).body.action, undefined)
  })

  it('expire when they are not paid in time', async () => {
    const short = await replica(store, around, undefined, 100)
    around.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const { body } = await request(short.app)
      .post('/orders')
      .set('Idempotency-Key', 'short-life-of-the-tests')
      .send(twoMugs)
      .expect(201)
    await comesTo(body.id, 'expired')
    assert.equal(around.payments.asked.at(-1)!.operation, 'void')
    await short.stop()
  })

  it('are cancelled until they are paid, once, and not after that', async () => {
    around.payments.fail('pay', 503)
    const { body } = await place().expect(201)
    for (let turn = 0; turn < 2; turn++) await send('post', `/orders/${body.id}/cancel`).expect(200)
    await comesTo(body.id, 'cancelled')
    around.payments.answer('pay', () => ({ body: { state: 'authorised' } }))
    const { body: paid } = await place().expect(201)
    await comesTo(paid.id, 'captured')
    const { body: problem } = await send('post', `/orders/${paid.id}/cancel`).expect(409)
    assert.match(problem.type, /order-not-cancellable$/)
  })

  it('are refunded in part and whole, and never more than that', async () => {
    const { body } = await place().expect(201)
    const refund = (amount?: number, version?: number) =>
      send('post', `/orders/${body.id}/refunds`, staff.header)
        .set(version ? { 'If-Match': `"${version}"` } : {})
        .send({ reason: 'returned', ...(amount !== undefined && { amount: { amount, currency: 'EUR' } }) })
    await comesTo(body.id, 'captured')
    await refund(990).expect(428)
    await refund(2_991, 3).expect(422)
    await refund(0, 3).expect(422)
    const { body: asking } = await refund(990, 3).expect(200)
    assert.equal(asking.state, 'refunding')
    await refund(990, 3).expect(412)
    await comesTo(body.id, 'captured')
    const { version } = (await send('get', `/orders/${body.id}`)).body
    await refund(undefined, version).expect(200)
    await comesTo(body.id, 'refunded')
    const sent = around.payments.asked.filter(({ operation }) => operation === 'refund')
    assert.deepEqual(
      sent.map(call => (call.body as { amount: number }).amount),
      [990, 2_000]
    )
    assert.deepEqual(
      (await store.eventsOf('orders', body.id)).map(([type]) => type),
      ['orders.order.captured', 'orders.order.refunded']
    )
    await refund(1, version + 2).expect(409)
  })

  for (const [status, why] of [
    [409, 'refused-by-payments'],
    [422, 'above-capture'],
    [404, 'no-such-payment']
  ] as const) {
    it(`are captured again, and say why, where payments answers a refund with ${status}`, async () => {
      const { body } = await place().expect(201)
      await comesTo(body.id, 'captured')
      const refund = async (amount?: number) => {
        const { version } = (await send('get', `/orders/${body.id}`)).body
        return send('post', `/orders/${body.id}/refunds`, staff.header)
          .set('If-Match', `"${version}"`)
          .send({ reason: 'returned', ...(amount && { amount: { amount, currency: 'EUR' } }) })
          .expect(200)
      }
      await refund(990)
      await comesTo(body.id, 'captured')
      around.payments.answer('refund', () => ({ status, body: {} }))
      await refund()
      await comesTo(body.id, 'captured')
      const { body: refused } = await send('get', `/orders/${body.id}`, staff.header)
      assert.deepEqual(orderSchema.parse(refused), refused)
      assert.deepEqual(
        refused.refunds.map(({ amount, done, refused }: Order['refunds'][0]) => [amount.amount, done, refused]),
        [
          [990, true, undefined],
          [2_000, false, why]
        ]
      )
      const { state, reason } = refused.history.at(-1)
      assert.deepEqual([state, reason, refused.reason], ['captured', `refund-refused: ${why}`, reason])
      around.payments.answer('refund', () => ({ body: { state: 'refunded' } }))
      await refund(2_000) // it is there to be refunded again
      await comesTo(body.id, 'refunded')
      const sent = around.payments.asked.filter(({ operation }) => operation === 'refund')
      assert.equal(new Set(sent.map(({ params }) => params.refundId)).size, 3)
      assert.deepEqual(
        (await store.eventsOf('orders', body.id)).map(([type]) => type),
        ['orders.order.captured', 'orders.order.refunded']
      )
    })
  }

  it('are refunded though payments is away for a while: that is no refusal', async () => {
    const { body } = await place().expect(201)
    await comesTo(body.id, 'captured')
    around.payments.fail('refund', 503)
    const sent = () => around.payments.asked.filter(({ operation }) => operation === 'refund').length
    await send('post', `/orders/${body.id}/refunds`, staff.header)
      .set('If-Match', '"3"')
      .send({ reason: 'x' })
      .expect(200)
    await until(() => sent() > 1)
    assert.equal((await send('get', `/orders/${body.id}`)).body.state, 'refunding')
    around.payments.answer('refund', () => ({ body: { state: 'refunded' } }))
    await comesTo(body.id, 'refunded')
  })

  it('are paid back where the stock is gone by then', async () => {
    around.inventory.fail('commit', 409)
    const { body } = await place().expect(201)
    await comesTo(body.id, 'refunded')
    assert.deepEqual(around.payments.asked.at(-1)!.body, { amount: 2_990 })
  })

  it('tell payments the amount, and nobody else', async () => {
    const { body } = await place().expect(201)
    const charge = (header: string) => send('get', `/orders/${body.id}/charge`, header)
    const { body: answer } = await charge(callers.service('payments', 'orders')).expect(200)
    assert.deepEqual(answer, { amount: { amount: 2_990, currency: 'EUR' } })
    for (const header of [staff.header, callers.service('cart', 'orders')]) await charge(header).expect(403)
  })

  it('cost three writes of the store until they are captured', async () => {
    const writes: string[] = []
    const watched = one.orders.collection as unknown as Record<string, (...args: unknown[]) => unknown>
    for (const name of ['insertOne', 'updateOne', 'bulkWrite', 'updateMany']) {
      const original = watched[name]!.bind(watched)
      watched[name] = (...args) => {
        writes.push(name)
        return original(...args)
      }
    }
    const { body } = await place().expect(201)
    await comesTo(body.id, 'captured')
    assert.deepEqual(
      writes.filter(name => name !== 'bulkWrite'), // the outbox's, which marks its event as sent
      ['insertOne', 'updateOne', 'updateOne']
    )
  })

  it('can not be placed while catalog is away, and are placed while all others are', async () => {
    await around.inventory.stop()
    await around.payments.stop()
    const { body } = await place().expect(201)
    await around.catalog.stop()
    const { headers } = await place().expect(503)
    assert.ok(headers['retry-after'])
    await around.inventory.startAgain()
    await around.payments.startAgain()
    await comesTo(body.id, 'captured')
  })
})
