import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import type { StoredOrder } from '../src/order.ts'
import { keyNamed, type Running, running, twoMugs } from './helper.ts'

const TWO_MINUTES = 120_000

describe('orders_overdue', () => {
  let around: Running['around']
  let one: Running['one']
  let end: Running['end']
  let keys = 0

  beforeEach(async () => {
    ;({ around, one, end } = await running())
  })
  afterEach(() => end())

  const overdue = async () => (await one.registry.getSingleMetric('orders_overdue')!.get()).values[0]!.value
  const place = async (): Promise<string> =>
    (
      await request(one.app)
        .post('/orders')
        .set('Idempotency-Key', keyNamed(`overdue-${++keys}`))
        .send(twoMugs)
        .expect(201)
    ).body.id
  const comesTo = (id: string, condition: (order: StoredOrder) => boolean) =>
    until(async () => condition((await one.orders.byId(id))!))
  /** As if it had come to its state two minutes ago. */
  const age = async (id: string) => {
    const since = new Date(Date.now() - TWO_MINUTES)
    const { matchedCount } = await one.orders.collection.updateOne({ _id: id }, { $set: { since } })
    assert.equal(matchedCount, 1)
  }

  it('counts an order whose step is tried in vain for longer than a minute, though it is looked at again and again', async () => {
    around.payments.fail('capture', 400) // neither a refusal nor what opens the circuit
    const id = await place()
    await comesTo(id, ({ state, attempts }) => state === 'capturing' && attempts > 0)
    assert.equal(await overdue(), 0)
    await age(id)
    assert.equal(await overdue(), 1)
    around.payments.answer('capture', () => ({ body: { state: 'captured' } }))
    await comesTo(id, ({ state }) => state === 'captured')
    assert.equal(await overdue(), 0)
  })

  it('counts one that came to its state nobody knows when', async () => {
    around.payments.fail('capture', 400) // neither a refusal nor what opens the circuit
    const id = await place()
    await comesTo(id, ({ state }) => state === 'capturing')
    await one.orders.collection.updateOne({ _id: id }, { $unset: { since: '' } })
    assert.equal(await overdue(), 1)
  })

  it('counts one that nobody looks at, and none that has come to its end or waits for its customer', async () => {
    const ended = await place()
    await comesTo(ended, ({ state }) => state === 'captured')
    around.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const waiting = await place()
    await comesTo(waiting, ({ state }) => state === 'pending')
    for (const id of [ended, waiting]) await age(id)
    assert.equal(await overdue(), 0)
    await one.stop()
    const nextAt = new Date(Date.now() - TWO_MINUTES)
    await one.orders.collection.updateOne({ _id: waiting }, { $set: { nextAt } })
    assert.equal(await overdue(), 1)
  })
})
