import assert from 'node:assert/strict'
import { agreed, newOrder, newRefund, paymentOf, type Service, startService } from './helper.ts'

/** Payments waits three seconds for the provider, not until the request's deadline after ten (ms). */
const MOST_MS = 8_000

describe('While the provider', () => {
  let service: Service
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())

  const operations = [
    'createPayment',
    'getPayment',
    'listPayments',
    'capturePayment',
    'voidPayment',
    'refundPayment'
  ] as const
  const outages = {
    'is away': {
      begin: () => service.sandbox.stop(),
      end: () => service.sandbox.startAgain()
    },
    'answers errors only': {
      begin: async () => operations.forEach(operation => void service.sandbox.fail(operation, 500)),
      end: async () => service.sandbox.mend()
    },
    'never answers': {
      begin: async () => operations.forEach(operation => void service.sandbox.hang(operation)),
      end: async () => service.sandbox.mend()
    }
  }

  for (const [what, { begin, end }] of Object.entries(outages)) {
    it(`${what}, each request is answered in time, and all is in agreement afterwards`, async () => {
      const [fresh, held, voided, taken] = [newOrder(), newOrder(), newOrder(), newOrder()]
      for (const order of [held, voided, taken]) await service.authorise(order).expect(200)
      await service.capture(taken).expect(200)
      await begin()
      const begun = performance.now()
      const refund = newRefund()
      const answers = await Promise.all([
        service.authorise(fresh).expect(200),
        service.capture(held).expect(503),
        service.void(voided).expect(200),
        service.refund(taken, refund, 100).expect(503),
        service.get(`/payments/${taken}`).expect(200)
      ])
      assert.ok(performance.now() - begun < MOST_MS, `${performance.now() - begun} ms`)
      assert.equal(answers[0].body.state, 'authorising')
      assert.equal(answers[2].body.state, 'voided')
      for (const answer of [answers[1], answers[3]]) assert.ok(Number(answer.headers['retry-after']) >= 1)
      await end()
      const after = await service.replica()
      assert.equal((await after.authorise(fresh).expect(200)).body.state, 'authorised')
      await after.capture(held).expect(200)
      service.clock.ahead += 120_000
      await after.reconcile()
      const states = []
      for (const order of [fresh, held, voided, taken]) states.push(await agreed(service, order))
      assert.deepEqual(states, ['authorised', 'captured', 'voided', 'captured'])
      assert.deepEqual(service.sandbox.paymentOf(paymentOf(taken))!.refunds, [{ reference: refund, amount: 100 }])
    })
  }

  it('loses its answers, repeated requests charge nothing twice', async () => {
    const order = newOrder()
    for (const operation of ['createPayment', 'capturePayment', 'refundPayment'] as const)
      service.sandbox.loseAnswerOf(operation)
    const refund = newRefund()
    assert.equal((await service.authorise(order).expect(200)).body.state, 'authorising')
    service.sandbox.mend()
    await service.authorise(order).expect(200)
    service.sandbox.loseAnswerOf('capturePayment')
    await service.capture(order).expect(503)
    service.sandbox.mend()
    await service.capture(order).expect(200)
    service.sandbox.loseAnswerOf('refundPayment')
    await service.refund(order, refund, 300).expect(503)
    service.sandbox.mend()
    await service.refund(order, refund, 300).expect(200)
    assert.equal(await agreed(service, order), 'captured')
    assert.equal(service.sandbox.paymentOf(paymentOf(order))!.refunds.length, 1)
  })
})

describe('While orders', () => {
  let service: Service
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())

  const nothing = async (order: string) => {
    await service.get(`/payments/${order}`).expect(404)
    assert.equal(service.sandbox.all().length, 0)
  }

  it('is away, the answer is 503 and the provider is not asked', async () => {
    await service.orders.stop()
    const order = newOrder()
    const { headers } = await service.authorise(order).expect(503)
    assert.ok(Number(headers['retry-after']) >= 1)
    await nothing(order)
  })

  it('does not know the order, the answer is 404', async () => {
    service.orders.fail('getCharge', 404)
    const order = newOrder()
    await service.authorise(order).expect(404)
    await nothing(order)
  })

  for (const amount of [{ amount: -5, currency: 'EUR' }, { amount: 5 }, { amount: 5, currency: 'EURO' }, '5']) {
    it(`answers ${JSON.stringify(amount)}, the provider is not asked`, async () => {
      service.orders.answer('getCharge', () => ({ body: { amount } }))
      const order = newOrder()
      await service.authorise(order).expect(500)
      await nothing(order)
    })
  }
})
