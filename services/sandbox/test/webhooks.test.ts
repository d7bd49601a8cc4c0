import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { until } from '@bulkhead/testing/until'
import type { WebhookBody } from '../src/clients/payments.ts'
import { SECRET, startService } from './helper.ts'

describe('Webhooks', () => {
  let service: Awaited<ReturnType<typeof startService>>
  let replicas: Awaited<ReturnType<typeof service.replica>>[]
  beforeEach(async () => {
    service = await startService()
    replicas = [await service.replica(), await service.replica()]
  })
  afterEach(async () => {
    await stopReplicas()
    await service.close()
  })

  const stopReplicas = () => Promise.all(replicas.splice(0).map(({ stop }) => stop()))
  const sent = () => service.fakePayments.asked.map(({ body }) => body as WebhookBody)
  const sentIds = () => new Set(sent().map(({ id }) => id))
  const isNoneWaiting = async () => (await service.payments.countWithWebhooks()) === 0
  const setBehaviour = (behaviour: object) => service.staff('put', '/webhook-behaviour').send(behaviour).expect(200)

  async function capture(reference: string) {
    const { body } = await service.authorise(undefined, { reference })
    await service.act(body.id, 'capture', {}).expect(200)
    return body.id as string
  }

  it('are sent once for each change, by one of two replicas, and removed when they are accepted', async () => {
    await capture('pay_a')
    await until(() => sent().length === 2)
    await until(isNoneWaiting)
    const types = sent().map(({ type }) => type)
    assert.deepEqual(types.sort(), ['payment.authorised', 'payment.captured'])
    assert.ok(sent().every(({ data }) => data.reference === 'pay_a'))
  })

  it('are signed over the bytes that are sent', async () => {
    let header: string | undefined
    service.fakePayments.respond('receiveWebhook', (request, response) => {
      header = String(request.headers['stripe-signature'])
      response.writeHead(204).end()
    })
    await service.authorise(undefined, { reference: 'pay_s' })
    await until(() => header)
    const body = JSON.stringify(service.fakePayments.asked[0]!.body)
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header!)!
    assert.equal(v1, createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex'))
  })

  it('are sent again until they are accepted, even if the replica that sent them has stopped', async () => {
    await service.fakePayments.stop()
    await capture('pay_b')
    await replicas.shift()!.stop()
    await service.fakePayments.startAgain()
    await until(() => sentIds().size === 2)
    await until(isNoneWaiting)
  })

  it('are lost, doubled, out of order or late, as set by staff', async () => {
    await setBehaviour({ lose: 1 })
    await capture('pay_lost')
    await setBehaviour({ copies: 3, shuffle: true })
    await capture('pay_often')
    await until(() => sent().length === 6)
    await until(isNoneWaiting)
    assert.ok(sent().every(({ data }) => data.reference === 'pay_often'))
    assert.equal(sentIds().size, 2)
    await setBehaviour({ delayMs: 300 })
    const start = Date.now()
    await capture('pay_late')
    await until(() => sent().length === 8)
    assert.ok(Date.now() - start >= 300)
    const { body } = await service.staff('get', '/webhook-behaviour')
    assert.deepEqual(body, { delayMs: 300, copies: 1, shuffle: false, lose: 0 })
  })

  it('of a replica whose clock was ahead are sent at once, while late webhooks still wait', async () => {
    await stopReplicas()
    const id = await capture('pay_ahead')
    await setBehaviour({ delayMs: 300_000 })
    await capture('pay_late')
    const ahead = (await service.payments.byId(id))!
    const retryAt = new Date(Date.now() + 600_000).toISOString()
    const deliveries = ahead.webhooks.map(webhook => ({ webhook, retryAt }))
    await service.payments.recordDeliveries(ahead, deliveries)
    replicas.push(await service.replica())
    await until(() => sent().length === 2)
    await until(async () => (await service.payments.countWithWebhooks()) === 1)
    assert.ok(sent().every(({ data }) => data.reference === 'pay_ahead'))
  })

  it('of one payment wait up to a maximum of fifty, and a metric counts the dropped ones', async () => {
    await setBehaviour({ delayMs: 600_000, copies: 5 })
    const id = await capture('pay_many')
    for (let turn = 0; turn < 10; turn++) {
      await service.refund(id, { reference: `rfd_${turn}`, amount: 1 }).expect(200)
    }
    assert.equal((await service.payments.byId(id))!.webhooks.length, 50)
    assert.match(await service.registry.metrics(), /sandbox_webhooks_dropped_total 10/)
  })

  it('are counted in a metric while they wait', async () => {
    await service.fakePayments.stop()
    await service.authorise()
    assert.match(await replicas[0]!.registry.metrics(), /sandbox_webhooks_waiting 1/)
  })
})
