import assert from 'node:assert/strict'
import * as callers from '@bulkhead/testing/callers'
import { until } from '@bulkhead/testing/until'
import { type Order, order as orderSchema } from '../src/orders/schemas.ts'
import type { Replica } from './helper.ts'
import { shop } from './shop.ts'

const staff = callers.staff()

describe('refunds of an order', () => {
  const { replica, send, place, comesTo } = shop()
  let fakes: Replica['fakes']

  beforeEach(() => {
    ;({ fakes } = replica())
  })

  const refund = (id: string, amount?: number, version?: number) =>
    send('post', `/orders/${id}/refunds`, staff.header)
      .set(version ? { 'If-Match': `"${version}"` } : {})
      .send({ reason: 'returned', amount: amount === undefined ? undefined : { amount, currency: 'EUR' } })
  const ordered = async (id: string): Promise<Order> =>
    (await send('get', `/orders/${id}`, staff.header).expect(200)).body
  const requested = () => fakes.payments.asked.filter(({ operation }) => operation === 'refund')
  const published = async (id: string) => (await replica().eventsOf(id)).map(({ type }) => type)
  const captured = async () => {
    const { body } = await place().expect(201)
    await comesTo(body.id, 'captured')
    return body.id as string
  }

  it('can be partial, and never exceed the total', async () => {
    const id = await captured()
    await refund(id, 990).expect(428)
    await refund(id, 2_991, 3).expect(422)
    await refund(id, 0, 3).expect(422)
    const { body: refunding } = await refund(id, 990, 3).expect(200)
    assert.equal(refunding.state, 'refunding')
    await refund(id, 990, 3).expect(412)
    await comesTo(id, 'captured')
    const { version } = await ordered(id)
    await refund(id, undefined, version).expect(200)
    await comesTo(id, 'refunded')
    assert.deepEqual(
      requested().map(({ body }) => body),
      [{ amount: 990 }, { amount: 2_000 }]
    )
    assert.deepEqual(await published(id), ['orders.order.captured', 'orders.order.refunded'])
    await refund(id, 1, version + 2).expect(409)
  })

  /** Refunds an order at its current version, and waits until it reaches the state. */
  async function refundTo(state: string, id: string, amount?: number) {
    await refund(id, amount, (await ordered(id)).version).expect(200)
    await comesTo(id, state)
  }

  for (const { status, why } of [
    { status: 409, why: 'refused-by-payments' },
    { status: 422, why: 'above-capture' },
    { status: 404, why: 'no-such-payment' }
  ]) {
    it(`are refused with the reason ${why} if payments answers ${status}`, async () => {
      const id = await captured()
      await refundTo('captured', id, 990)
      fakes.payments.answer('refund', () => ({ status, body: {} }))
      await refundTo('captured', id)
      const order = await ordered(id)
      assert.deepEqual(orderSchema.parse(order), order)
      assert.deepEqual(
        order.refunds.map(({ amount: { amount }, done, refused }) => ({ amount, done, refused })),
        [
          { amount: 990, done: true, refused: undefined },
          { amount: 2_000, done: false, refused: why }
        ]
      )
      const { state, reason } = order.history.at(-1)!
      assert.deepEqual({ state, reason }, { state: 'captured', reason: `refund-refused: ${why}` })
      assert.equal(order.reason, reason)
      fakes.payments.answer('refund', () => ({ body: { state: 'refunded' } }))
      await refundTo('refunded', id, 2_000) // The refused amount can be refunded again.
      assert.equal(new Set(requested().map(({ params }) => params.refundId)).size, 3)
      assert.deepEqual(await published(id), ['orders.order.captured', 'orders.order.refunded'])
    })
  }

  it('are retried while payments is unavailable', async () => {
    const id = await captured()
    fakes.payments.fail('refund', 503)
    await refund(id, undefined, 3).expect(200)
    await until(() => requested().length > 1)
    assert.equal((await ordered(id)).state, 'refunding')
    fakes.payments.answer('refund', () => ({ body: { state: 'refunded' } }))
    await comesTo(id, 'refunded')
  })

  it('are made for the whole total if the stock is not available', async () => {
    fakes.inventory.fail('commit', 409)
    const { body } = await place().expect(201)
    await comesTo(body.id, 'refunded')
    assert.deepEqual(fakes.payments.asked.at(-1)!.body, { amount: 2_990 })
  })
})
