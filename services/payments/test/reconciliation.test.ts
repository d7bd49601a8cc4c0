import assert from 'node:assert/strict'
import { allItems } from '@bulkhead/testing/all-items'
import { until } from '@bulkhead/testing/until'
import { reconcileDue } from '../src/reconciliation/sweeps.ts'
import { agreed, newOrder, paymentOf, type Service, startService } from './helper.ts'

const TIMES = { due: 20, changes: 20, lease: 500 }

describe('Reconciliation', () => {
  let service: Service
  beforeEach(async () => {
    service = await startService()
  })
  afterEach(() => service.close())

  it('finds the results of lost webhooks, and publishes the results that orders waits for', async () => {
    const pending = newOrder()
    await service.authorise(pending, 'pm_authenticate').expect(200)
    service.sandbox.change(paymentOf(pending), { state: 'authorised' })
    const held = newOrder()
    await service.authorise(held).expect(200)
    service.sandbox.change(paymentOf(held), { state: 'captured', captured: 1_000 })
    await service.reconcile()
    assert.equal(await agreed(service, pending), 'authorised')
    assert.equal(await agreed(service, held), 'captured')
    assert.equal((await service.eventsOf(pending)).length, 1)
    assert.deepEqual(await service.eventsOf(held), [])
  })

  it('records an expired authorisation and a refund that only the provider has', async () => {
    const [gone, back] = [newOrder(), newOrder()]
    for (const order of [gone, back]) await service.authorise(order).expect(200)
    await service.capture(back).expect(200)
    service.sandbox.change(paymentOf(gone), { state: 'voided' })
    service.sandbox.change(paymentOf(back), { refunds: [{ reference: 're_by_hand', amount: 400 }] })
    await service.reconcile()
    assert.equal(await agreed(service, gone), 'voided')
    assert.equal(await agreed(service, back), 'captured')
  })

  it('voids a payment again if the provider falsely reported that it was voided', async () => {
    const order = newOrder()
    await service.authorise(order).expect(200)
    await service.void(order).expect(200)
    service.sandbox.change(paymentOf(order), { state: 'authorised' })
    await service.reconcile()
    assert.equal(await agreed(service, order), 'voided')
  })

  it('reads many pages, and returns the time of the last change', async () => {
    const orders = Array.from({ length: 7 }, newOrder)
    for (const order of orders) await service.authorise(order).expect(200)
    for (const order of orders) service.sandbox.change(paymentOf(order), { state: 'captured', captured: 1_000 })
    const last = service.sandbox.all().map(({ changedAt }) => changedAt)
    assert.equal(await service.reconcile(), last.sort().at(-1))
    for (const order of orders) assert.equal(await agreed(service, order), 'captured')
    const asked = service.sandbox.asked.length
    await service.reconcile('2031-01-01T00:00:00.000Z')
    assert.equal(service.sandbox.asked.length, asked + 1)
  })

  it('counts a payment that exists only at the provider', async () => {
    const body = { reference: 'pay_of-nobody', amount: { amount: 1, currency: 'EUR' }, method: 'pm_approve' }
    const headers = { 'idempotency-key': body.reference, 'content-type': 'application/json' }
    await fetch(`${service.sandbox.url}/payments`, { method: 'POST', headers, body: JSON.stringify(body) })
    await service.reconcile()
    assert.deepEqual(service.outcomes, ['unknown'])
  })

  it('runs on the replica with the lease, continues on another replica when that one stops, and has metrics', async () => {
    await service.freeLeases()
    const replicas = [await service.replica(TIMES), await service.replica(TIMES)]
    for (let turn = 0; turn < 2; turn++) {
      const order = newOrder()
      await service.authorise(order).expect(200)
      service.sandbox.change(paymentOf(order), { state: 'captured', captured: 1_000 })
      await until(async () => (await service.get(`/payments/${order}`)).body.state === 'captured')
      if (turn === 0) await replicas.shift()!.stop()
    }
    assert.match(await replicas[0]!.registry.metrics(), /payments_due 0/)
    await replicas[0]!.stop()
    const leases = service.db.collection<{ _id: string }>('leases')
    assert.equal(await leases.countDocuments({ _id: { $in: ['due', 'changes'] } }), 0)
    const marks = await service.db.collection('reconciliation').find().toArray()
    assert.equal(marks[0]!.until, service.sandbox.all().at(-1)!.changedAt)
  })

  it('stops between two due payments, and leaves the remaining payments to another replica', async () => {
    for (let turn = 0; turn < 3; turn++) await service.authorise(newOrder(), 'pm_authenticate').expect(200)
    service.clock.ahead += 120_000
    const stopping = new AbortController()
    const outcomes: string[] = []
    const count = (outcome: string) => {
      outcomes.push(outcome)
      stopping.abort()
    }
    await reconcileDue({ ...service.dependencies, count }, stopping.signal)
    assert.equal(outcomes.length, 1)
    const countAll = (outcome: string) => outcomes.push(outcome)
    await reconcileDue({ ...service.dependencies, count: countAll }, new AbortController().signal)
    assert.equal(outcomes.length, 3)
  })

  it('can list payments by their state, page by page, for an audit', async () => {
    const orders = Array.from({ length: 5 }, newOrder)
    for (const order of orders) await service.authorise(order).expect(200)
    await service.void(orders[0]!).expect(200)
    const page = (cursor: string) => service.get(`/payments?state=authorised&limit=2${cursor}`).expect(200)
    const seen = (await allItems<{ orderId: string }>(page)).map(({ orderId }) => orderId)
    assert.deepEqual(seen, orders.slice(1).sort())
  })
})
