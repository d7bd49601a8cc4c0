import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import type { Replica } from './helper.ts'
import { shop } from './shop.ts'

const TWO_MINUTES = 120_000

describe('orders_overdue', () => {
  const { replica, place: placing, comesTo } = shop()
  let fakes: Replica['fakes']

  beforeEach(() => {
    ;({ fakes } = replica())
  })

  const overdue = async () => (await replica().registry.getSingleMetric('orders_overdue')!.get()).values[0]!.value
  const place = async (): Promise<string> => (await placing().expect(201)).body.id
  /** Changes an order as if it had reached its state two minutes ago. */
  const age = async (id: string) => {
    const since = new Date(Date.now() - TWO_MINUTES)
    const { matchedCount } = await replica().store.collection.updateOne({ _id: id }, { $set: { since } })
    assert.equal(matchedCount, 1)
  }

  it('counts an order whose step has failed for longer than a minute, although it is retried', async () => {
    fakes.payments.fail('capture', 400) // This status is neither a refusal nor an error that opens the circuit.
    const id = await place()
    await comesTo(id, 'capturing')
    await until(async () => (await replica().store.byId(id))!.attempts > 0)
    assert.equal(await overdue(), 0)
    await age(id)
    assert.equal(await overdue(), 1)
    fakes.payments.answer('capture', () => ({ body: { state: 'captured' } }))
    await comesTo(id, 'captured')
    assert.equal(await overdue(), 0)
  })

  it('counts an order without the time at which it reached its state', async () => {
    fakes.payments.fail('capture', 400) // This status is neither a refusal nor an error that opens the circuit.
    const id = await place()
    await comesTo(id, 'capturing')
    await replica().store.collection.updateOne({ _id: id }, { $unset: { since: '' } })
    assert.equal(await overdue(), 1)
  })

  it('counts an order that no replica takes, but no order that has ended or waits for its customer', async () => {
    const ended = await place()
    await comesTo(ended, 'captured')
    fakes.payments.answer('pay', () => ({ body: { state: 'pending' } }))
    const waiting = await place()
    await comesTo(waiting, 'pending')
    for (const id of [ended, waiting]) await age(id)
    assert.equal(await overdue(), 0)
    await replica().stopWork()
    const nextAt = new Date(Date.now() - TWO_MINUTES)
    await replica().store.collection.updateOne({ _id: waiting }, { $set: { nextAt } })
    assert.equal(await overdue(), 1)
  })
})
