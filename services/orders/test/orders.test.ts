import assert from 'node:assert/strict'
import * as callers from '@bulkhead/testing/callers'
import request from 'supertest'
import { placedOrder } from '../src/orders/schemas.ts'
import { keyNamed, type Replica, startReplica, twoMugs } from './helper.ts'
import { shop } from './shop.ts'

const ada = callers.customer()
const bob = callers.customer()
const staff = callers.staff()

describe('orders', () => {
  const { replica, send, guest, place, comesTo, asked } = shop()
  let fakes: Replica['fakes']
  let store: Replica['store']

  beforeEach(() => {
    ;({ fakes, store } = replica())
  })

  it('are placed at catalog’s prices, paid, and taken from stock', async () => {
    const { body, headers } = await place().expect(201)
    assert.deepEqual(placedOrder.parse(body), body)
    assert.equal(body.state, 'placed')
    assert.deepEqual(body.total, { amount: 2_990, currency: 'EUR' })
    assert.equal(headers.location, `orders/${body.id}`)
    await comesTo(body.id, 'captured')
    const { body: captured } = await guest('get', body).expect(200)
    assert.deepEqual(
      captured.history.map(({ state }: { state: string }) => state),
      ['placed', 'capturing', 'captured']
    )
    assert.deepEqual(asked('inventory'), ['reserve', 'commit'])
    assert.deepEqual(asked('payments'), ['pay', 'capture'])
    assert.deepEqual(fakes.payments.asked[0]!.body, { method: twoMugs.paymentMethod })
    assert.deepEqual(await replica().eventsOf(body.id), [{ type: 'orders.order.captured', version: 3 }])
  })

  it('are placed once for each idempotency key', async () => {
    await send('post', '/orders').send(twoMugs).expect(400)
    const [first, again] = await Promise.all([place(twoMugs, 'same-key-1'), place(twoMugs, 'same-key-1')])
    for (const { status } of [first, again]) assert.equal(status, 201)
    assert.equal(again.body.id, first.body.id)
    await fakes.catalog.stop() // A placed order no longer needs catalog.
    assert.equal((await place(twoMugs, 'same-key-1').expect(201)).body.id, first.body.id)
    await place({ ...twoMugs, currency: 'USD' }, 'same-key-1').expect(422)
    assert.equal(await store.collection.countDocuments(), 1)
  })

  it('are open only to their customer and staff; a guest’s order is open to anyone with its secret', async () => {
    const { body: hers } = await place(twoMugs, 'hers-0001', ada.header).expect(201)
    const { body: guests } = await place().expect(201)
    for (const header of [bob.header, undefined]) {
      await send('get', `/orders/${hers.id}`, header).expect(404)
      await send('get', `/orders/${hers.id}/events`, header).expect(404)
      await send('post', `/orders/${hers.id}/cancel`, header).expect(404)
    }
    await send('get', `/orders/${hers.id}`, ada.header).expect(200)
    await guest('get', guests).expect(200)
    const listed = async (header: string) => (await send('get', '/orders', header).expect(200)).body.items.length
    const counts = { ada: await listed(ada.header), bob: await listed(bob.header), staff: await listed(staff.header) }
    assert.deepEqual(counts, { ada: 1, bob: 0, staff: 2 })
    await send('get', '/orders').expect(401)
    await send('post', `/orders/${guests.id}/refunds`, ada.header).send({ reason: 'x' }).expect(403)
  })

  it('are rejected and undone if there is too little stock', async () => {
    fakes.inventory.answer('reserve', () => ({ body: { state: 'rejected', short: ['MUG'] } }))
    const { body } = await place().expect(201)
    await comesTo(body.id, 'rejected')
    assert.deepEqual(asked('inventory'), ['reserve', 'release'])
    assert.deepEqual(asked('payments'), ['void'])
    const { body: rejected } = await guest('get', body)
    assert.equal(rejected.reason, 'short of MUG')
    assert.equal(rejected.history.at(-1).reason, 'short of MUG')
  })

  it('have the reason of the declined payment if they are declined', async () => {
    fakes.payments.answer('pay', () => ({ body: { state: 'declined', reason: 'insufficient-funds' } }))
    const { body } = await place().expect(201)
    await comesTo(body.id, 'declined')
    const { body: declined } = await guest('get', body)
    assert.equal(declined.reason, 'insufficient-funds')
    assert.equal(declined.history.at(-1).reason, 'insufficient-funds')
    assert.deepEqual(asked('inventory'), ['reserve', 'release'])
  })

  it('wait until the customer has approved the payment', async () => {
    fakes.payments.answer('pay', () => ({ body: { state: 'pending', action: { id: 'sbx_1' } } }))
    const { body } = await place().expect(201)
    await comesTo(body.id, 'pending')
    assert.deepEqual((await guest('get', body)).body.action, { id: 'sbx_1' })
    fakes.payments.answer('pay', () => ({ body: { state: 'authorised' } }))
    await replica().driver.wake(body.id)
    await comesTo(body.id, 'captured')
    assert.equal((await guest('get', body)).body.action, undefined)
  })

  it('expire if they are not paid in time', async () => {
    const short = await startReplica({ besides: replica(), minutes: 0.01 })
    fakes.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const { body } = await request(short.url)
      .post('/orders')
      .set('Idempotency-Key', keyNamed('short-life'))
      .send(twoMugs)
      .expect(201)
    await comesTo(body.id, 'expired')
    assert.equal(fakes.payments.asked.at(-1)!.operation, 'void')
    await short.close()
  })

  it('can be cancelled until they are paid, and return 409 after that', async () => {
    fakes.payments.fail('pay', 503)
    const { body } = await place().expect(201)
    for (let turn = 0; turn < 2; turn++) await guest('post', body, '/cancel').expect(200)
    await comesTo(body.id, 'cancelled')
    fakes.payments.answer('pay', () => ({ body: { state: 'authorised' } }))
    const { body: paid } = await place().expect(201)
    await comesTo(paid.id, 'captured')
    const { body: problem } = await guest('post', paid, '/cancel').expect(409)
    assert.match(problem.type, /order-not-cancellable$/)
  })

  it('show the amount to charge only to payments', async () => {
    const { body } = await place().expect(201)
    const charge = (header: string) => send('get', `/orders/${body.id}/charge`, header)
    const { body: answer } = await charge(callers.service('payments', 'orders')).expect(200)
    assert.deepEqual(answer, { amount: { amount: 2_990, currency: 'EUR' } })
    for (const header of [staff.header, callers.service('cart', 'orders')]) await charge(header).expect(403)
  })

  it('need three writes until they are captured', async () => {
    const writes: string[] = []
    const watched = store.collection as unknown as Record<string, (...args: unknown[]) => unknown>
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
      writes.filter(name => name !== 'bulkWrite'), // The outbox uses bulkWrite to mark its event as sent.
      ['insertOne', 'updateOne', 'updateOne']
    )
  })

  it('can be placed while inventory and payments are unavailable, but not while catalog is', async () => {
    await fakes.inventory.stop()
    await fakes.payments.stop()
    const { body } = await place().expect(201)
    await fakes.catalog.stop()
    const { headers } = await place().expect(503)
    assert.ok(headers['retry-after'])
    await fakes.inventory.startAgain()
    await fakes.payments.startAgain()
    await comesTo(body.id, 'captured')
  })
})
