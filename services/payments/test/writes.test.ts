import assert from 'node:assert/strict'
import { newOrder, newRefund, paymentOf, startService } from './helper.ts'

describe('The store', () => {
  it('is written four times for a captured payment, even with repeated requests and webhooks', async () => {
    const service = await startService()
    const order = newOrder()
    for (let turn = 0; turn < 2; turn++) await service.authorise(order).expect(200)
    await service.webhook(paymentOf(order), 'payment.authorised').expect(204)
    for (let turn = 0; turn < 2; turn++) await service.capture(order).expect(200)
    await service.webhook(paymentOf(order), 'payment.captured').expect(204)
    await service.reconcile()
    assert.deepEqual(service.writes, ['insert payments', 'update payments', 'insert journal', 'update payments'])
    service.writes.length = 0
    await service.refund(order, newRefund(), 10).expect(200)
    assert.deepEqual(service.writes, ['update payments', 'insert journal', 'update payments'])
    await service.close()
  })
})
