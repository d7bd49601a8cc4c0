import assert from 'node:assert/strict'
import { redisServer } from '@bulkhead/testing/redis-server'
import { until } from '@bulkhead/testing/until'
import { CARD, startService } from './helper.ts'

const ERROR_CARD = '4000000000000119'

describe('The sandbox, while its store is full', () => {
  let redis: Awaited<ReturnType<typeof redisServer>>
  let service: Awaited<ReturnType<typeof startService>>
  beforeEach(async () => {
    redis = await redisServer()
    service = await startService({ storeUrl: redis.url })
  })
  afterEach(async () => {
    await service.close()
    await redis.stop()
  })

  it('refuses new payment methods and payments with 503 and Retry-After', async () => {
    const method = await service.paymentMethod()
    const failing = await service.paymentMethod(ERROR_CARD)
    await redis.fill()
    const pay = (method: string) =>
      service
        .merchant('post', '/payments')
        .set('Idempotency-Key', `key-of-${method}`)
        .send({ reference: 'pay_1', amount: { amount: 1_000, currency: 'EUR' }, method })
    for (const request of [pay(method), pay(failing), service.guest('post', '/payment-methods').send(CARD)]) {
      const { body, headers } = await request.expect(503)
      assert.equal(body.type, 'urn:bulkhead:problem:store-full')
      assert.match(headers['retry-after']!, /^\d+$/)
    }
  })

  it('captures an authorised payment, and sends and removes its webhooks', async () => {
    const { body } = await service.authorise()
    await redis.fill()
    await service.act(body.id, 'capture', {}).expect(200)
    const { stop } = await service.replica()
    await until(() => service.fakePayments.asked.length === 2)
    await until(async () => (await service.payments.countWithWebhooks()) === 0)
    await stop()
    const { body: after } = await service.merchant('get', `/payments/${body.id}`).expect(200)
    assert.equal(after.state, 'captured')
  })
})
