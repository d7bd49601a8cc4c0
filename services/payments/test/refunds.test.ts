import assert from 'node:assert/strict'
import { journalOf, newOrder, newRefund, paymentOf, type Service, startService } from './helper.ts'

describe('A refund', () => {
  let service: Service
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  it('is made once for each ID, and all refunds together reach at most the captured amount', async () => {
    const order = await service.captured(900)
    const [one, two] = [newRefund(), newRefund()]
    for (let turn = 0; turn < 2; turn++) {
      const { body } = await service.refund(order, one, 500).expect(200)
      assert.partialDeepStrictEqual(body, { state: 'captured', refunded: 500 })
    }
    const { body: differs } = await service.refund(order, one, 400).expect(409)
    assert.equal(differs.type, 'urn:bulkhead:problem:refund-differs')
    const { body: above } = await service.refund(order, newRefund(), 401).expect(422)
    assert.equal(above.type, 'urn:bulkhead:problem:above-capture')
    assert.equal(above.errors[0].pointer, '/body/amount')
    const { body } = await service.refund(order, two, 400).expect(200)
    assert.partialDeepStrictEqual(body, { state: 'refunded', refunded: 900 })
    assert.deepEqual(
      service.sandbox.paymentOf(paymentOf(order))!.refunds.map(({ amount }) => amount),
      [500, 400]
    )
    const journal = await journalOf(service, order)
    assert.deepEqual(journal.map(({ legs }) => legs[0]!.amount).sort(), [-400, -500, 900].sort())
  })

  it('never exceeds the captured amount together with others, even if they come at once', async () => {
    const order = await service.captured()
    const other = await service.replica()
    const asked = Array.from({ length: 8 }, (_, turn) => (turn % 2 ? other : service).refund(order, newRefund(), 300))
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    assert.equal(statuses.filter(status => status === 200).length, 3)
    assert.equal(statuses.filter(status => status === 422).length, 5)
    const remote = service.sandbox.paymentOf(paymentOf(order))!
    assert.equal(remote.refunds.length, 3)
  })

  it('cannot be made before the capture', async () => {
    const order = newOrder()
    await service.refund(order, newRefund(), 1).expect(404)
    await service.authorise(order).expect(200)
    await service.refund(order, newRefund(), 1).expect(409)
  })

  it('returns 409 if the provider refuses it, and its amount does not count', async () => {
    const order = await service.captured()
    service.sandbox.fail('refundPayment', 409)
    const id = newRefund()
    const { body } = await service.refund(order, id, 600).expect(409)
    assert.equal(body.type, 'urn:bulkhead:problem:refund-refused')
    service.sandbox.mend()
    await service.refund(order, id, 600).expect(409)
    assert.equal((await service.refund(order, newRefund(), 1_000).expect(200)).body.state, 'refunded')
  })

  for (const [id, body, pointer] of [
    ['REFUND', { amount: 1e300 }, '/body/amount'],
    ['REFUND', { amount: { $lt: 1 } }, '/body/amount'],
    ['rfd_1', { amount: 1 }, '/params/refundId'],
    ['REFUND', { amount: -1 }, '/body/amount'],
    ['REFUND', {}, '/body/amount']
  ] as const) {
    it(`returns 400 for the ID ${id} with ${JSON.stringify(body)}, and names ${pointer}`, async () => {
      const path = `/payments/${newOrder()}/refunds/${id}`.replace('REFUND', newRefund())
      const answer = await service.put(path, body).expect(400)
      assert.equal(answer.body.errors[0].pointer, pointer)
    })
  }
})
