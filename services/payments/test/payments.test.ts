import assert from 'node:assert/strict'
import * as callers from '@bulkhead/testing/callers'
import { payment as paymentSchema } from '../src/payments/schemas.ts'
import { journalOf, newOrder, paymentOf, type Service, startService } from './helper.ts'

describe('A payment', () => {
  let service: Service
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  it('is authorised once, for the amount of the order, and a repeated request gets the same answer', async () => {
    const order = newOrder()
    service.charge(order, 4_200)
    const answers = []
    for (let turn = 0; turn < 3; turn++) answers.push((await service.authorise(order).expect(200)).body)
    assert.deepEqual(answers[1], answers[0])
    assert.deepEqual(answers[2], answers[0])
    const { id, state, amount, orderId } = paymentSchema.parse(answers[0])
    const charge = { amount: 4_200, currency: 'EUR' }
    const expected = { id: paymentOf(order), orderId: order, state: 'authorised', amount: charge }
    assert.deepEqual({ id, orderId, state, amount }, expected)
    assert.deepEqual(service.sandbox.paymentOf(id)!.amount, { amount: 4_200, currency: 'EUR' })
  })

  it('accepts no amount from its caller', async () => {
    const order = newOrder()
    const body = { method: 'pm_approve', amount: { amount: 1, currency: 'EUR' } }
    const answer = await service.put(`/payments/${order}`, body).expect(200)
    assert.equal(answer.body.amount.amount, 1_000)
  })

  it('is authorised once by concurrent replicas', async () => {
    const other = await service.replica()
    const order = newOrder()
    const answers = await Promise.all([service.authorise(order), other.authorise(order), service.authorise(order)])
    const expected = { state: 'authorised', id: paymentOf(order) }
    for (const { body } of answers) assert.partialDeepStrictEqual(body, expected)
    assert.ok(service.sandbox.paymentOf(paymentOf(order)))
  })

  it('is declined permanently, with the reason', async () => {
    const order = newOrder()
    for (let turn = 0; turn < 2; turn++) {
      const { body } = await service.authorise(order, 'pm_decline').expect(200)
      assert.partialDeepStrictEqual(body, { state: 'declined', reason: 'card-declined' })
    }
    const { body } = await service.capture(order).expect(409)
    assert.equal(body.type, 'urn:bulkhead:problem:payment-declined')
  })

  it('is declined if the provider does not know the payment method', async () => {
    const { body } = await service.authorise(newOrder(), 'pm_unknown').expect(200)
    assert.partialDeepStrictEqual(body, { state: 'declined', reason: 'payment-method-refused' })
  })

  it('returns 409 for a different payment method', async () => {
    const order = newOrder()
    await service.authorise(order, 'pm_decline').expect(200)
    const { body } = await service.authorise(order, 'pm_approve').expect(409)
    assert.equal(body.type, 'urn:bulkhead:problem:payment-differs')
  })

  it('is pending until its customer has authenticated, and a repeated request asks the provider for the result', async () => {
    const order = newOrder()
    const { body: pending } = await service.authorise(order, 'pm_authenticate').expect(200)
    assert.equal(pending.state, 'pending')
    assert.equal(pending.action.id, service.sandbox.paymentOf(pending.id)!.id)
    service.sandbox.change(pending.id, { state: 'authorised' })
    const { body } = await service.authorise(order, 'pm_authenticate').expect(200)
    assert.equal(body.state, 'authorised')
    assert.equal(body.action, undefined)
    assert.deepEqual(await service.eventsOf(order), [])
  })

  it('is captured once, with both legs in the journal', async () => {
    const order = await service.captured()
    const { body } = await service.capture(order, 1_000).expect(200)
    const { state, captured: taken, refunded } = body
    assert.deepEqual({ state, taken, refunded }, { state: 'captured', taken: 1_000, refunded: 0 })
    const journal = await journalOf(service, order)
    assert.deepEqual(
      journal.map(({ id, legs }) => [id, legs]),
      [
        [
          `${paymentOf(order)}.capture`,
          [
            { account: 'provider-receivable', amount: 1_000 },
            { account: 'customer-payments', amount: -1_000 }
          ]
        ]
      ]
    )
  })

  it('can be captured in part, and never above the authorised amount', async () => {
    const order = newOrder()
    await service.authorise(order).expect(200)
    const { body } = await service.capture(order, 1_001).expect(422)
    assert.equal(body.type, 'urn:bulkhead:problem:above-authorisation')
    assert.equal(body.errors[0].pointer, '/body/amount')
    assert.equal((await service.capture(order, 300).expect(200)).body.captured, 300)
    await service.capture(order, 400).expect(409)
    await service.capture(order).expect(409)
    assert.equal(service.sandbox.paymentOf(paymentOf(order))!.captured, 300)
  })

  it('cannot be captured before it is authorised, and returns 404 for an unknown order', async () => {
    const order = newOrder()
    await service.capture(order).expect(404)
    await service.authorise(order, 'pm_authenticate').expect(200)
    const { body } = await service.capture(order).expect(409)
    assert.equal(body.type, 'urn:bulkhead:problem:payment-pending')
  })

  it('is voided once, and cannot be captured after that', async () => {
    const order = newOrder()
    await service.authorise(order).expect(200)
    for (let turn = 0; turn < 2; turn++) assert.equal((await service.void(order).expect(200)).body.state, 'voided')
    assert.equal(service.sandbox.paymentOf(paymentOf(order))!.state, 'voided')
    const { body } = await service.capture(order).expect(409)
    assert.equal(body.type, 'urn:bulkhead:problem:payment-voided')
  })

  it('cannot be voided after its capture', async () => {
    const order = await service.captured()
    const { body } = await service.void(order).expect(409)
    assert.equal(body.type, 'urn:bulkhead:problem:payment-captured')
  })

  it('is captured or voided, as the provider decides, if both requests come at once', async () => {
    const other = await service.replica()
    for (let turn = 0; turn < 10; turn++) {
      const order = newOrder()
      await service.authorise(order).expect(200)
      const [capture, voided] = await Promise.all([service.capture(order), other.void(order)])
      const remote = service.sandbox.paymentOf(paymentOf(order))!
      const { body } = await service.get(`/payments/${order}`).expect(200)
      assert.equal(body.state, remote.state)
      const expected = remote.state === 'captured' ? { capture: 200, void: 409 } : { capture: 409, void: 200 }
      assert.deepEqual({ capture: capture.status, void: voided.status }, expected)
      assert.equal((await journalOf(service, order)).length, remote.state === 'captured' ? 1 : 0)
    }
  })

  it('leaves a tombstone if it is voided before it was requested', async () => {
    const order = newOrder()
    const { body } = await service.void(order).expect(200)
    assert.equal(body.state, 'voided')
    assert.equal(body.amount, undefined)
    assert.equal((await service.authorise(order).expect(200)).body.state, 'voided')
    assert.equal(service.sandbox.paymentOf(paymentOf(order)), undefined)
    await service.capture(order).expect(409)
    assert.deepEqual(await service.void(order).then(({ body }) => body), body)
  })

  it('is voided at the provider, or never sent to it, if authorisation and void come at once', async () => {
    const other = await service.replica()
    for (let turn = 0; turn < 20; turn++) {
      const order = newOrder()
      await Promise.all([service.authorise(order).expect(200), other.void(order).expect(200)])
      const { body } = await service.get(`/payments/${order}`).expect(200)
      assert.equal(body.state, 'voided')
      const remote = service.sandbox.paymentOf(paymentOf(order))
      assert.ok(remote === undefined || remote.state === 'voided', remote?.state)
    }
  })

  for (const [when, first] of [
    ['on its way to the provider', true],
    ['on its way back to payments', false]
  ]) {
    it(`is voided at the provider if the void comes while its authorisation is ${when}`, async () => {
      const order = newOrder()
      const late = await service.replica()
      const { provider } = late.dependencies
      const { authorise } = provider
      provider.authorise = async (asked, context) => {
        if (first) await service.void(order).expect(200)
        const remote = await authorise(asked, context)
        if (!first) await service.void(order).expect(200)
        return remote
      }
      assert.equal((await late.authorise(order).expect(200)).body.state, 'voided')
      assert.equal(service.sandbox.paymentOf(paymentOf(order))!.state, 'voided')
    })
  }

  it('can be changed only by orders, and read by staff', async () => {
    const order = await service.captured()
    for (const { header } of [callers.customer(), callers.staff()]) {
      await service.put(`/payments/${order}`, { method: 'pm_approve' }, header).expect(403)
      await service.put(`/payments/${order}/void`, {}, header).expect(403)
    }
    for (const path of [`/payments/${order}`, '/payments', '/journal', '/journal/balances']) {
      await service.get(path, callers.customer().header).expect(403)
      await service.get(path).expect(200)
    }
  })

  for (const [path, body, pointer] of [
    ['/payments/ord_1', { method: 'pm_approve' }, '/params/orderId'],
    ['/payments/ORDER', { method: 'visa' }, '/body/method'],
    ['/payments/ORDER', {}, '/body/method'],
    ['/payments/ORDER/capture', { amount: 0 }, '/body/amount'],
    ['/payments/ORDER', { method: { $gt: '' } }, '/body/method'],
    ['/payments/ORDER/capture', { amount: 1.5 }, '/body/amount'],
    ['/payments/ORDER/capture', { amount: 1e300 }, '/body/amount'],
    ['/payments/ORDER/capture', { amount: { $gt: 0 } }, '/body/amount'],
    ['/payments/ORDER/capture', { amount: '1' }, '/body/amount']
  ] as const) {
    it(`refuses ${path} with ${JSON.stringify(body)} and names ${pointer}`, async () => {
      const real = path.replace('ORDER', newOrder())
      const answer = await service.put(real, body).expect(400)
      assert.equal(answer.body.errors[0].pointer, pointer)
    })
  }
})
