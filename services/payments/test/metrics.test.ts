import assert from 'node:assert/strict'
import { newOrder, paymentOf, type Service, startService } from './helper.ts'

describe('bulkhead_payments_captured_minor_units_total', () => {
  let service: Service
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())

  type Replica = Pick<Service, 'registry'>

  async function captured(...replicas: Replica[]) {
    const name = 'bulkhead_payments_captured_minor_units_total'
    const metrics = await Promise.all(replicas.map(({ registry }) => registry.getSingleMetric(name)!.get()))
    const values = metrics.flatMap(({ values }) => values)
    return values.filter(({ labels }) => labels.currency === 'EUR').reduce((sum, { value }) => sum + value, 0)
  }

  it('counts a capture once, although its answer, a webhook and reconciliation report it', async () => {
    const order = await service.captured(700)
    await service.capture(order, 700).expect(200)
    await service.webhook(paymentOf(order), 'payment.captured').expect(204)
    await service.reconcile()
    assert.equal(await captured(service), 700)
  })

  it('counts a capture once, although two replicas make it at the same time', async () => {
    const other = await service.replica()
    const order = newOrder()
    await service.authorise(order).expect(200)
    await Promise.all([service.capture(order), other.capture(order), service.capture(order), other.capture(order)])
    assert.equal(await captured(service, other), 1_000)
  })

  it('does not fall after a refund', async () => {
    const order = await service.captured()
    await service.refund(order, 'rfd_00000000000000000000000001', 300)
    assert.equal(await captured(service), 1_000)
  })
})
