import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { until } from '@bulkhead/testing/until'
import { SECRET, startService } from './helper.ts'

type Sent = { id: string; type: string; data: { reference: string } }

describe('Webhooks', () => {
  let service: Awaited<ReturnType<typeof startService>>
  let replicas: Awaited<ReturnType<typeof service.replica>>[]
  beforeEach(async () => {
    service = await startService()
    replicas = [await service.replica(), await service.replica()]
  })
  afterEach(async () => {
    await Promise.all(replicas.map(({ stop }) => stop()))
    await service.close()
  })

  const sent = () => service.payments.asked.map(({ body }) => body as Sent)
  const none = async () => (await service.store.countWithWebhooks()) === 0
  const behave = (how: object) => service.staff('put', '/webhook-behaviour').send(how).expect(200)

  async function captured(reference: string) {
    const { body } = await service.authorise(undefined, { reference })
    await service.merchant('post', `/payments/${body.id}/capture`).send({}).expect(200)
  }

  it('tell of each change, once, by one replica of two, and are forgotten when they are taken', async () => {
    await captured('pay_a')
    await until(() => sent().length === 2)
    await until(none)
    assert.deepEqual(
      sent()
        .map(({ type, data }) => [type, data.reference])
        .sort(),
      [
        ['payment.authorised', 'pay_a'],
        ['payment.captured', 'pay_a']
      ]
    )
  })

  it('are signed over the bytes that are sent', async () => {
    let seen: { signature: string; text: string } | undefined
    service.payments.respond('receiveWebhook', (request, response) => {
      seen = { signature: String(request.headers['stripe-signature']), text: '' }
      response.writeHead(204).end()
    })
    await service.authorise(undefined, { reference: 'pay_s' })
    await until(() => seen)
    // The fake has read the body; what it parsed is what was signed.
    const body = JSON.stringify(service.payments.asked[0]!.body)
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(seen!.signature)!
    assert.equal(v1, createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex'))
  })

  it('are sent again until they are taken, though the replica that sent them is gone', async () => {
    await service.payments.stop()
    await captured('pay_b')
    await replicas.shift()!.stop()
    await service.payments.startAgain()
    await until(() => new Set(sent().map(({ id }) => id)).size === 2)
    await until(none)
  })

  it('are late, doubled, out of order and lost as they are told to be', async () => {
    await behave({ lose: 1 })
    await captured('pay_lost')
    await behave({ copies: 3, shuffle: true })
    await captured('pay_often')
    await until(() => sent().length === 6)
    await until(none)
    assert.ok(sent().every(({ data }) => data.reference === 'pay_often'))
    assert.equal(new Set(sent().map(({ id }) => id)).size, 2)
    await behave({ delayMs: 300 })
    const begun = Date.now()
    await captured('pay_late')
    await until(() => sent().length === 8)
    assert.ok(Date.now() - begun >= 300)
    assert.deepEqual((await service.staff('get', '/webhook-behaviour')).body, {
      ...{ delayMs: 300, copies: 1, shuffle: false, lose: 0 }
    })
  })

  it('of a replica whose clock was ahead are sent at once, and those that are to be late are not', async () => {
    await Promise.all(replicas.splice(0).map(({ stop }) => stop()))
    await captured('pay_ahead')
    await behave({ delayMs: 300_000 })
    await captured('pay_late')
    const one = { reference: 'pay_ahead', since: undefined, limit: 1, cursor: undefined }
    const [ahead] = (await service.store.list(one)).items
    const due = new Date(Date.now() + 600_000).toISOString()
    const deliveries = ahead!.webhooks.map(webhook => ({ webhook, retryAt: due }))
    await service.store.recordDeliveries(ahead!, deliveries)
    replicas.push(await service.replica())
    await until(() => sent().length === 2)
    await until(async () => (await service.store.countWithWebhooks()) === 1)
    assert.ok(sent().every(({ data }) => data.reference === 'pay_ahead'))
  })

  it('of one payment wait up to fifty; the metrics count what is dropped', async () => {
    await behave({ delayMs: 600_000, copies: 5 })
    const { body } = await service.authorise(undefined, { reference: 'pay_many' })
    await service.merchant('post', `/payments/${body.id}/capture`).send({}).expect(200)
    for (let turn = 0; turn < 10; turn++)
      await service
        .merchant('post', `/payments/${body.id}/refunds`)
        .set('Idempotency-Key', `refund-${turn}-of-many`)
        .send({ reference: `rfd_${turn}`, amount: 1 })
        .expect(200)
    assert.equal((await service.store.byId(body.id))!.webhooks.length, 50)
    assert.match(await service.registry.metrics(), /sandbox_webhooks_dropped_total 10/)
  })

  it('show in the metrics how many wait', async () => {
    await service.payments.stop()
    await service.authorise()
    assert.match(await replicas[0]!.registry.metrics(), /sandbox_webhooks_waiting 1/)
  })
})
