import assert from 'node:assert/strict'
import * as callers from '@bulkhead/testing/callers'
import { until } from '@bulkhead/testing/until'
import { pino } from 'pino'
import request from 'supertest'
import { orderOperations } from '../src/orders/operations.ts'
import { order as orderSchema, placedOrder } from '../src/orders/schemas.ts'
import { keyNamed, type Replica, startReplica, twoMugs } from './helper.ts'
import { shop } from './shop.ts'

const ada = callers.customer()
const staff = callers.staff()
const WRONG_SECRET = 'A'.repeat(22)

describe('a guest’s order', () => {
  const { replica, send, guest, place, comesTo } = shop()
  let fakes: Replica['fakes']
  let store: Replica['store']

  beforeEach(() => {
    ;({ fakes, store } = replica())
  })

  /** Places an order that waits for its buyer's bank, so that a test can try each operation on it. */
  async function pendingOrder() {
    fakes.payments.answer('pay', () => ({ body: { state: 'pending', action: { id: 'sbx_1' } } }))
    const { body } = await place().expect(201)
    await comesTo(body.id, 'pending')
    return body
  }

  it('has a secret of 128 bits, which a repeated request returns again', async () => {
    const { body: first } = await place(twoMugs, 'again').expect(201)
    assert.deepEqual(placedOrder.parse(first), first)
    assert.equal(Buffer.from(first.secret, 'base64url').length, 16)
    await comesTo(first.id, 'captured')
    const { body: again } = await place(twoMugs, 'again').expect(201)
    assert.equal(again.id, first.id)
    assert.equal(again.secret, first.secret)
    const { body: other } = await place(twoMugs, 'other').expect(201)
    assert.notEqual(other.secret, first.secret)
  })

  it('has one secret when its guest sends the request several times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => place(twoMugs, 'at-once').expect(201)))
    const secrets = new Set(answers.map(({ body }) => body.secret))
    assert.equal(secrets.size, 1)
    const { body } = await guest('get', answers[0]!.body).expect(200)
    assert.equal(body.id, answers[7]!.body.id)
  })

  it('does not contain its secret when it is read', async () => {
    const { body: placed } = await place().expect(201)
    await comesTo(placed.id, 'captured')
    const { body: own } = await guest('get', placed).expect(200)
    assert.deepEqual(orderSchema.parse(own), own)
    for (const path of [`/orders/${placed.id}`, '/orders']) {
      const { text } = await send('get', path, staff.header).expect(200)
      assert.ok(text.includes(placed.id) && !text.includes(placed.secret))
    }
    const cancelling = await guest('post', placed, '/cancel').expect(409)
    assert.ok(!cancelling.text.includes(placed.secret))
  })

  it('has a secret, unlike a customer’s order, which only the customer’s token opens', async () => {
    const { body } = await place(twoMugs, 'hers', ada.header).expect(201)
    assert.deepEqual(orderSchema.parse(body), body)
    assert.equal(body.secret, undefined)
    await send('get', `/orders/${body.id}`).set('Order-Secret', WRONG_SECRET).expect(404)
    await send('get', `/orders/${body.id}`).set('Order-Secret', '').expect(404)
  })

  const ofOneOrder = orderOperations.filter(({ path }) => path.includes('{'))
  for (const { id, method, path, callers: allowed } of ofOneOrder) {
    const isForGuests = (allowed as string[]).includes('public')
    const versionOf = async (order: string) => (await store.byId(order))!.version
    const ask = (order: string, headers: Record<string, string>) =>
      request(replica().url)[method](path.replace('{id}', order)).set(headers).send({ reason: 'x' })

    it(`returns ${isForGuests ? 404 : 401} to a guest who calls ${id} without its secret`, async () => {
      const { id: order } = await pendingOrder()
      const { body: other } = await place(twoMugs, 'of-another-guest').expect(201)
      const before = await versionOf(order)
      for (const secret of [undefined, '', 'x', WRONG_SECRET, `${WRONG_SECRET}A`, other.secret, order]) {
        const { status, body } = await ask(order, secret === undefined ? {} : { 'Order-Secret': secret })
        assert.deepEqual({ secret, status }, { secret, status: isForGuests ? 404 : 401 })
        if (isForGuests) assert.equal(body.type, 'urn:bulkhead:problem:not-found')
      }
      const { status } = await ask(order, { Authorization: ada.header })
      assert.equal(status, isForGuests ? 404 : 403)
      assert.equal(await versionOf(order), before)
    })
  }

  it('is open to anyone who sends its secret', async () => {
    const order = await pendingOrder()
    assert.deepEqual((await guest('get', order).expect(200)).body.action, { id: 'sbx_1' })
    await guest('get', order).set('Authorization', ada.header).expect(200)
    await guest('post', order, '/cancel').expect(200)
    await comesTo(order.id, 'cancelled')
    const headers = { 'Order-Secret': order.secret }
    const stream = await fetch(`${replica().url}/orders/${order.id}/events`, { headers }).then(answer => answer.text())
    assert.match(stream, /"state":"cancelled"/)
    assert.ok(!stream.includes(order.secret))
  })

  it('appears in logs and events with its ID but without its secret', async () => {
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: line => void lines.push(line) })
    const watched = await startReplica({ besides: replica(), log })
    const app = request(watched.url)
    fakes.payments.fail('pay', 503)
    const placing = app.post('/orders').set('Idempotency-Key', keyNamed('logged'))
    const { body: order } = await placing.send(twoMugs).expect(201)
    await until(() => lines.some(line => line.includes('A step of an order failed')))
    const path = `/orders/${order.id}`
    await app.get(path).set('Order-Secret', order.secret).expect(200)
    await app.get(path).set('Order-Secret', `${order.secret}x`).expect(404)
    await app.post(`${path}/cancel`).set('Order-Secret', order.secret).expect(200)
    await comesTo(order.id, 'cancelled')
    await watched.close()
    const { outbox } = (await store.collection.findOne({ _id: order.id }))!
    assert.deepEqual(
      outbox!.map(({ type }) => type),
      ['orders.order.cancelled']
    )
    for (const text of [lines.join(''), JSON.stringify(outbox)]) assert.ok(!text.includes(order.secret))
    assert.ok(lines.filter(line => line.includes(path)).length >= 3)
  })

  it('is open to staff without its secret', async () => {
    const { body } = await place().expect(201)
    await comesTo(body.id, 'captured')
    await send('get', `/orders/${body.id}`, staff.header).expect(200)
  })

  describe('placed by a release without secrets', () => {
    const withoutSecret = async (expiresAt: Date) => {
      const { id } = await pendingOrder()
      await store.collection.updateOne({ _id: id }, { $set: { expiresAt }, $unset: { secret: '' } })
      return id as string
    }

    it('is open to anyone with its ID until its time for payment is over', async () => {
      const id = await withoutSecret(new Date(Date.now() + 60_000))
      await send('get', `/orders/${id}`).expect(200)
      await send('post', `/orders/${id}/cancel`).expect(200)
      await comesTo(id, 'cancelled')
    })

    it('is open only to staff after that', async () => {
      const id = await withoutSecret(new Date(Date.now() - 1))
      await send('get', `/orders/${id}`).expect(404)
      await send('get', `/orders/${id}`).set('Order-Secret', 'undefined').expect(404)
      await send('get', `/orders/${id}`, staff.header).expect(200)
    })
  })
})
