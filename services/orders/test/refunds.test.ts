import assert from 'node:assert/strict'
import * as callers from '@bulkhead/testing/callers'
import { until } from '@bulkhead/testing/until'
import { type Order, order as orderSchema } from '../src/orders/schemas.ts'
import type { Replica } from './helper.ts'
import { shop } from './shop.ts'

const staff = callers.staff()

describe('Orders that are paid back', () => {
  const { replica, send, guest, place, comesTo } = shop()
  let fakes: Replica['fakes']

  beforeEach(() => {
    ;({ fakes } = replica())
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
    const { version } = (await guest('get', body)).body
    await refund(undefined, version).expect(200)
    await comesTo(body.id, 'refunded')
    const sent = fakes.payments.asked.filter(({ operation }) => operation === 'refund')
    assert.deepEqual(
      sent.map(call => (call.body as { amount: number }).amount),
      [990, 2_000]
    )
    assert.deepEqual(
      (await replica().eventsOf(body.id)).map(([type]) => type),
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
        const { version } = (await guest('get', body)).body
        return send('post', `/orders/${body.id}/refunds`, staff.header)
          .set('If-Match', `"${version}"`)
          .send({ reason: 'returned', ...(amount && { amount: { amount, currency: 'EUR' } }) })
          .expect(200)
      }
      await refund(990)
      await comesTo(body.id, 'captured')
      fakes.payments.answer('refund', () => ({ status, body: {} }))
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
      fakes.payments.answer('refund', () => ({ body: { state: 'refunded' } }))
      await refund(2_000) // it is there to be refunded again
      await comesTo(body.id, 'refunded')
      const sent = fakes.payments.asked.filter(({ operation }) => operation === 'refund')
      assert.equal(new Set(sent.map(({ params }) => params.refundId)).size, 3)
      assert.deepEqual(
        (await replica().eventsOf(body.id)).map(([type]) => type),
        ['orders.order.captured', 'orders.order.refunded']
      )
    })
  }

  it('are refunded though payments is away for a while: that is no refusal', async () => {
    const { body } = await place().expect(201)
    await comesTo(body.id, 'captured')
    fakes.payments.fail('refund', 503)
    const sent = () => fakes.payments.asked.filter(({ operation }) => operation === 'refund').length
    await send('post', `/orders/${body.id}/refunds`, staff.header)
      .set('If-Match', '"3"')
      .send({ reason: 'x' })
      .expect(200)
    await until(() => sent() > 1)
    assert.equal((await guest('get', body)).body.state, 'refunding')
    fakes.payments.answer('refund', () => ({ body: { state: 'refunded' } }))
    await comesTo(body.id, 'refunded')
  })

  it('are paid back where the stock is gone by then', async () => {
    fakes.inventory.fail('commit', 409)
    const { body } = await place().expect(201)
    await comesTo(body.id, 'refunded')
    assert.deepEqual(fakes.payments.asked.at(-1)!.body, { amount: 2_990 })
  })
})
