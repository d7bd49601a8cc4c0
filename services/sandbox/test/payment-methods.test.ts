import assert from 'node:assert/strict'
import { newSecretId } from '@bulkhead/chassis/core'
import { CARD, startService } from './helper.ts'

const REFUSED = [
  { change: { number: '4242424242424241' }, status: 422, pointer: '/body/number' },
  { change: { number: '4242' }, status: 400, pointer: '/body/number' },
  { change: { expiry: { month: 1, year: 2020 } }, status: 422, pointer: '/body/expiry' },
  { change: { cvc: '' }, status: 400, pointer: '/body/cvc' }
]

describe('The payment methods', () => {
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  it('store only how a card behaves, not its number', async () => {
    const id = await service.paymentMethod()
    const { body } = await service.guest('get', `/payment-methods/${id}`).expect(200)
    assert.deepEqual(body, { id, brand: 'visa', last4: '4242' })
    await service.guest('get', `/payment-methods/${newSecretId('pm')}`).expect(404)
    const stored = await service.redis.get(`{sandbox}:method:${id}`)
    assert.ok(stored && !/4242424242/.test(stored) && !/cvc/.test(stored), String(stored))
  })

  for (const { change, status, pointer } of REFUSED) {
    it(`are refused for a card with ${JSON.stringify(change)}, with a pointer to ${pointer}`, async () => {
      const card = { ...CARD, ...change }
      const { body } = await service.guest('post', '/payment-methods').send(card).expect(status)
      assert.equal(body.errors[0].pointer, pointer)
    })
  }
})
