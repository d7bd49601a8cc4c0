import assert from 'node:assert/strict'
import { signed } from './fake-sandbox.ts'
import { agreed, newOrder, paymentOf, type Service, startService } from './helper.ts'

describe('A webhook', () => {
  let service: Service
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  async function pending() {
    const order = newOrder()
    await service.authorise(order, 'pm_authenticate').expect(200)
    return order
  }
  const approve = (order: string) => service.sandbox.change(paymentOf(order), { state: 'authorised' })
  const tell = (order: string, state: string) => service.webhook(paymentOf(order), `payment.${state}`)
  const read = async (order: string) => (await service.get(`/payments/${order}`).expect(200)).body

  it('reports that the customer has authenticated, which changes the record and publishes an event', async () => {
    const order = await pending()
    approve(order)
    await tell(order, 'authorised').expect(204)
    assert.equal(await agreed(service, order), 'authorised')
    assert.deepEqual(await service.eventsOf(order), [['payments.payment.settled', 3]])
  })

  it('changes nothing when it is repeated, and payments does not ask the provider', async () => {
    const order = await pending()
    approve(order)
    await tell(order, 'authorised').expect(204)
    const before = await read(order)
    const asked = service.sandbox.asked.length
    for (let turn = 0; turn < 3; turn++) await tell(order, 'authorised').expect(204)
    assert.deepEqual(await read(order), before)
    assert.equal(service.sandbox.asked.length, asked)
    assert.equal((await service.eventsOf(order)).length, 1)
  })

  it('restores no earlier state if it comes late', async () => {
    const order = await pending()
    approve(order)
    await service.authorise(order, 'pm_authenticate')
    await service.capture(order).expect(200)
    for (const state of ['authorised', 'pending', 'captured']) await tell(order, state).expect(204)
    assert.equal(await agreed(service, order), 'captured')
    assert.deepEqual(await service.eventsOf(order), [])
  })

  it('does not change the record if it reports a false state, because payments asks the provider', async () => {
    const order = await pending()
    for (const state of ['captured', 'voided', 'declined', 'authorised']) await tell(order, state).expect(204)
    assert.equal(await agreed(service, order), 'pending')
  })

  it('updates record and journal after a refund that was made by hand at the provider', async () => {
    const order = newOrder()
    await service.authorise(order).expect(200)
    await service.capture(order).expect(200)
    service.sandbox.change(paymentOf(order), { refunds: [{ reference: 'by-hand', amount: 1_000 }] })
    for (let turn = 0; turn < 2; turn++) await tell(order, 'refunded').expect(204)
    assert.equal(await agreed(service, order), 'refunded')
  })

  it('leads to a void at the provider if the record is voided', async () => {
    const order = newOrder()
    await service.authorise(order).expect(200)
    service.sandbox.fail('voidPayment', 503)
    assert.equal((await service.void(order).expect(200)).body.state, 'voided')
    service.sandbox.mend()
    await tell(order, 'authorised').expect(204)
    assert.equal(await agreed(service, order), 'voided')
  })

  it('is answered with 503 while the answer to our own request may still arrive', async () => {
    const order = newOrder()
    service.sandbox.loseAnswerOf('createPayment')
    assert.equal((await service.authorise(order).expect(200)).body.state, 'authorising')
    service.sandbox.mend()
    const early = await tell(order, 'authorised').expect(503)
    assert.equal(early.headers['retry-after'], '1')
    service.clock.ahead += 6_000
    await tell(order, 'authorised').expect(204)
    assert.equal(await agreed(service, order), 'authorised')
    assert.equal((await service.eventsOf(order)).length, 1)
  })

  it('is accepted without effect for a payment that is not ours', async () => {
    await service.webhook(paymentOf(newOrder()), 'payment.captured').expect(204)
    await service.webhook('somebody-elses', 'payment.captured').expect(204)
  })

  it('is answered with 503 while the provider is unavailable, so that it is sent again', async () => {
    const order = await pending()
    approve(order)
    service.sandbox.fail('getPayment', 503)
    const answer = await tell(order, 'authorised').expect(503)
    assert.ok(answer.headers['retry-after'])
    service.sandbox.mend()
    await tell(order, 'authorised').expect(204)
    assert.equal(await agreed(service, order), 'authorised')
  })

  const good = (order: string) => signed(paymentOf(order), 'payment.authorised')
  const bad: Record<string, (order: string, now: number) => { body: string; signature: string }> = {
    'signed with another secret': order => signed(paymentOf(order), 'payment.authorised', { secret: 'another-secret' }),
    'replayed after five minutes': (order, now) =>
      signed(paymentOf(order), 'payment.authorised', { at: now - 301_000 }),
    'dated six minutes ahead': (order, now) => signed(paymentOf(order), 'payment.authorised', { at: now + 360_000 }),
    truncated: order => ({ ...good(order), body: good(order).body.slice(0, -10) }),
    'sent with another body': order => ({ ...good(order), body: good(order).body.replace('authorised', 'captured') }),
    'sent with a later time than was signed': order => ({
      ...good(order),
      signature: good(order).signature.replace(/t=\d+/, `t=${Math.floor(Date.now() / 1000) + 5}`)
    }),
    'signed with two times': order => ({ ...good(order), signature: `t=1,${good(order).signature}` }),
    'sent without a signature': order => ({ ...good(order), signature: '' }),
    'sent with an empty v1': order => ({ ...good(order), signature: good(order).signature.replace(/v1=.*/, 'v1=') }),
    'signed in another scheme': order => ({ ...good(order), signature: good(order).signature.replace('v1=', 'v0=') }),
    'sent without a body': order => ({ ...good(order), body: '' })
  }
  for (const [what, make] of Object.entries(bad)) {
    it(`is refused and changes nothing if it is ${what}`, async () => {
      const order = await pending()
      approve(order)
      const asked = service.sandbox.asked.length
      const { body, signature } = make(order, service.clock.now().getTime())
      const answer = await service.post(body, signature).expect(400)
      assert.equal(answer.body.errors[0].pointer, '/headers/stripe-signature')
      assert.equal((await read(order)).state, 'pending')
      assert.equal(service.sandbox.asked.length, asked)
    })
  }

  it('is refused if it is too large, is not a JSON object or is for another provider', async () => {
    const { signature } = good(newOrder())
    await service.put('/webhooks/sandbox', {}).expect(404)
    await service.post('x'.repeat(257 * 1024), signature).expect(413)
    const { signature: ofText } = signed('', '')
    await service.post('"text"', ofText).expect(400)
    const metrics = await service.registry.metrics()
    assert.match(metrics, /payments_webhooks_total\{outcome="refused"\} [1-9]/)
  })
})
