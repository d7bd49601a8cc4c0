import assert from 'node:assert/strict'
import { redisServer } from '@bulkhead/testing/redis-server'
import { until } from '@bulkhead/testing/until'
import { startService } from './helper.ts'

const ERROR_CARD = '4000000000000119'

describe('The sandbox, while its store is full', () => {
  let redis: Awaited<ReturnType<typeof redisServer>>
  let service: Awaited<ReturnType<typeof startService>>
  beforeEach(async () => {
    redis = await redisServer()
    service = await startService({ url: redis.url })
  })
  afterEach(async () => {
    await service.close()
    await redis.stop()
  })

  it('refuses new payment methods and payments with 503 and Retry-After', async () => {
    const [method, failing] = [await service.method(), await service.method(ERROR_CARD)]
    await redis.fill()
    const amount = { amount: 1_000, currency: 'EUR' }
    const pay = (method: string) =>
      service
        .merchant('post', '/payments')
        .set('Idempotency-Key', `key-of-${method}`)
        .send({ reference: 'pay_1', amount, method })
    const card = { number: '4242424242424242', expiry: { month: 12, year: 2034 }, cvc: '123' }
    for (const test of [pay(method), pay(failing), service.guest('post', '/payment-methods').send(card)]) {
      const { body, headers } = await test.expect(503)
      assert.equal(body.type, 'urn:bulkhead:problem:store-full')
      assert.match(headers['retry-after']!, /^\d+$/)
    }
  })

  it('captures what is authorised, and delivers and forgets its webhooks', async () => {
    const { body } = await service.authorise()
    await redis.fill()
    await service.merchant('post', `/payments/${body.id}/capture`).send({}).expect(200)
    const { stop } = await service.replica()
    await until(() => service.payments.asked.length === 2)
    await until(async () => (await service.store.countWithWebhooks()) === 0)
    await stop()
    const { body: after } = await service.merchant('get', `/payments/${body.id}`).expect(200)
    assert.equal(after.state, 'captured')
  })
})
