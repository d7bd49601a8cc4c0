import assert from 'node:assert/strict'
import { agreed, newOrder, newRefund, paymentOf, type Service, startService } from './helper.ts'

/**
 * Maximum time of a request (ms). Payments waits three seconds for the provider, and not until the request's deadline after ten seconds.
 */
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
    'is unavailable': {
      begin: () => service.sandbox.stop(),
      end: () => service.sandbox.startAgain()
    },
    'answers only errors': {
      begin: async () => operations.forEach(operation => void service.sandbox.fail(operation, 500)),
      end: async () => service.sandbox.mend()
    },
    'never answers': {
      begin: async () => operations.forEach(operation => void service.sandbox.hang(operation)),
      end: async () => service.sandbox.mend()
    }
  }

  /** Sends a request of each kind during an outage, and asserts the answers. */
  async function requestAll(orders: { fresh: string; held: string; voided: string; taken: string }, refund: string) {
    const [authorised, captured, voided, refunded] = await Promise.all([
      service.authorise(orders.fresh).expect(200),
      service.capture(orders.held).expect(503),
      service.void(orders.voided).expect(200),
      service.refund(orders.taken, refund, 100).expect(503),
      service.get(`/payments/${orders.taken}`).expect(200)
    ])
    assert.equal(authorised.body.state, 'authorising')
    assert.equal(voided.body.state, 'voided')
    for (const { headers } of [captured, refunded]) assert.ok(Number(headers['retry-after']) >= 1)
  }

  for (const [what, { begin, end }] of Object.entries(outages)) {
    it(`${what}, each request is answered in time, and the record agrees with the provider afterwards`, async () => {
      const orders = { fresh: newOrder(), held: newOrder(), voided: newOrder(), taken: newOrder() }
      const { fresh, held, voided, taken } = orders
      for (const order of [held, voided, taken]) await service.authorise(order).expect(200)
      await service.capture(taken).expect(200)
      await begin()
      const begun = performance.now()
      const refund = newRefund()
      await requestAll(orders, refund)
      assert.ok(performance.now() - begun < MOST_MS, `${performance.now() - begun} ms`)
      await end()
      const after = await service.replica()
      assert.equal((await after.authorise(fresh).expect(200)).body.state, 'authorised')
      await after.capture(held).expect(200)
      service.clock.ahead += 120_000
      await after.reconcile()
      const expected = { fresh: 'authorised', held: 'captured', voided: 'voided', taken: 'captured' }
      for (const [name, state] of Object.entries(expected))
        assert.equal(await agreed(service, orders[name as keyof typeof orders]), state, name)
      assert.deepEqual(service.sandbox.paymentOf(paymentOf(taken))!.refunds, [{ reference: refund, amount: 100 }])
    })
  }

  it('executes calls but answers 503, repeated requests charge and refund nothing twice', async () => {
    const order = newOrder()
    service.sandbox.loseAnswerOf('createPayment')
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

describe('While the service orders', () => {
  let service: Service
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())

  const nothing = async (order: string) => {
    await service.get(`/payments/${order}`).expect(404)
    assert.equal(service.sandbox.all().length, 0)
  }

  it('is unavailable, the answer is 503 and the provider is not asked', async () => {
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
