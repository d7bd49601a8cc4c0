import assert from 'node:assert/strict'
import { allItems } from '@bulkhead/testing/all-items'
import { until } from '@bulkhead/testing/until'
import { payment as paymentSchema } from '../src/payments/schemas.ts'
import { startService } from './helper.ts'

const ERROR_CARD = '4000000000000119'
const SLOW_CARD = '4000000000000259'
const AUTHENTICATION_CARD = '4000002500003155'
const DAY_MS = 86_400_000

const CARDS = [
  { number: '4242424242424242', state: 'authorised' },
  { number: '5555555555554444', state: 'authorised' },
  { number: '4000000000000002', state: 'declined', reason: 'card-declined' },
  { number: '4000000000009995', state: 'declined', reason: 'insufficient-funds' },
  { number: AUTHENTICATION_CARD, state: 'pending' },
  { number: SLOW_CARD, state: 'authorised' }
]

describe('The payments', () => {
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  async function captured(amount = 1_000) {
    const { body } = await service.authorise()
    await service.act(body.id, 'capture', { amount }).expect(200)
    return body.id as string
  }

  for (const { number, state, reason } of CARDS) {
    it(`are ${reason ? `${state} with ${reason}` : state} with the card ${number}`, async () => {
      const { status, body } = await service.authorise(number)
      assert.equal(status, 201)
      assert.deepEqual(paymentSchema.parse(body), body)
      assert.equal(body.state, state)
      assert.equal(body.reason, reason)
      assert.equal(body.captured, 0)
    })
  }

  it('fail three times with the card for errors, and are authorised after that', async () => {
    const method = await service.paymentMethod(ERROR_CARD)
    const payment = { reference: 'pay_e', amount: { amount: 1, currency: 'EUR' }, method }
    const statuses = []
    for (let turn = 0; turn < 5; turn++) {
      const request = service.merchant('post', '/payments').set('Idempotency-Key', 'key-of-errors')
      const { status } = await request.send(payment)
      statuses.push(status)
    }
    assert.deepEqual(statuses, [500, 500, 500, 201, 201])
  })

  it('with the slow card exist before the answer', async () => {
    const slow = await startService({ slowMs: 3_000 })
    let isAnswered = false
    const answer = slow.authorise(SLOW_CARD, { reference: 'pay_slow' }).then(() => {
      isAnswered = true
    })
    await until(async () => (await slow.merchant('get', '/payments?reference=pay_slow')).body.items.length === 1)
    assert.equal(isAnswered, false)
    await answer
    await slow.close()
  })

  it('are made once for each key; the key is refused for a different payment', async () => {
    const method = await service.paymentMethod()
    const send = (amount: number) =>
      service
        .merchant('post', '/payments')
        .set('Idempotency-Key', 'the-same-key')
        .send({ reference: 'pay_k', amount: { amount, currency: 'EUR' }, method })
    const [one, two] = await Promise.all([send(5), send(5)])
    assert.equal(one.body.id, two.body.id)
    await send(6).expect(422)
    const { body } = await service.merchant('get', '/payments?reference=pay_k')
    assert.equal(body.items.length, 1)
  })

  it('need a key for a refund, which could otherwise be made twice', async () => {
    const id = await captured()
    const { body } = await service.act(id, 'refunds', { reference: 'rfd_1', amount: 1 }).expect(400)
    assert.equal(body.errors[0].pointer, '/headers/idempotency-key')
  })

  it('can be captured once, up to the authorised amount', async () => {
    const { body } = await service.authorise()
    await service.act(body.id, 'capture', { amount: 1_001 }).expect(422)
    for (let turn = 0; turn < 2; turn++) {
      const { body: after } = await service.act(body.id, 'capture', { amount: 400 }).expect(200)
      assert.equal(after.captured, 400)
    }
    await service.act(body.id, 'capture', { amount: 500 }).expect(409)
    await service.act(body.id, 'void').expect(409)
  })

  it('can be voided once, and can’t be captured after that', async () => {
    const { body } = await service.authorise()
    for (let turn = 0; turn < 2; turn++) {
      const { body: after } = await service.act(body.id, 'void').expect(200)
      assert.equal(after.state, 'voided')
    }
    await service.act(body.id, 'capture', {}).expect(409)
  })

  it('can be refunded in parts up to the captured amount, each part once', async () => {
    const id = await captured(900)
    const one = { reference: 'one', amount: 500 }
    for (let turn = 0; turn < 2; turn++) await service.refund(id, one).expect(200)
    await service.refund(id, { reference: 'one', amount: 100 }).expect(422)
    await service.refund(id, { reference: 'two', amount: 401 }).expect(422)
    const three = { reference: 'three', amount: 400 }
    const { body } = await service.refund(id, three).expect(200)
    assert.deepEqual(body.refunds, [one, three])
  })

  it('are never refunded above the captured amount by concurrent refunds', async () => {
    const id = await captured(1_000)
    const refunds = [...'abcdef'].map(name => service.refund(id, { reference: `at-once-${name}`, amount: 300 }))
    const answers = await Promise.all(refunds)
    assert.equal(answers.filter(({ status }) => status === 200).length, 3)
  })

  for (const { approve, state } of [
    { approve: true, state: 'authorised' },
    { approve: false, state: 'declined' }
  ]) {
    it(`are ${state} once when the customer of a pending payment answers with approve: ${approve}`, async () => {
      const { body } = await service.authorise(AUTHENTICATION_CARD)
      const answer = (approve: boolean) =>
        service.guest('post', `/payments/${body.id}/authenticate`).send({ approve }).expect(200)
      const { body: first } = await answer(approve)
      assert.deepEqual(first, { id: body.id, state })
      const { body: second } = await answer(!approve)
      assert.equal(second.state, state)
    })
  }

  it('are listed since a time of change, each in its current state', async () => {
    const { body: made } = await service.authorise(undefined, { reference: 'pay_list' })
    const { body: changed } = await service.act(made.id, 'capture', {})
    const path = `/payments?limit=1&changedSince=${changed.changedAt}`
    const items = await allItems(cursor => service.merchant('get', path + cursor).expect(200))
    assert.deepEqual(items, [changed])
  })

  it('are listed by reference, page by page', async () => {
    const ids: string[] = []
    for (let turn = 0; turn < 3; turn++) {
      const { body } = await service.authorise(undefined, { reference: 'pay_three' })
      ids.push(body.id)
    }
    const list = (query: string) => service.merchant('get', `/payments?reference=pay_three&${query}`).expect(200)
    const { body: first } = await list('limit=2')
    const { body: last } = await list(`limit=2&cursor=${first.nextCursor}`)
    assert.deepEqual([...first.items, ...last.items].map(({ id }) => id).sort(), ids.sort())
    assert.equal(last.nextCursor, undefined)
    assert.deepEqual((await list('changedSince=2100-01-01T00:00:00Z')).body, { items: [] })
  })

  it('are removed half a year after their last change', async () => {
    const { body } = await service.authorise(undefined, { reference: 'pay_old' })
    const left = await service.redis.pttl(`{sandbox}:payment:${body.id}`)
    assert.ok(left > 179 * DAY_MS && left <= 180 * DAY_MS, String(left))
    const old = `2020-01-01T00:00:00.000Z ${body.id}`
    const present = `${body.changedAt} ${body.id}`
    await service.redis.zadd('{sandbox}:payments', 0, old)
    await service.payments.sweep()
    assert.equal(await service.redis.zscore('{sandbox}:payments', old), null)
    assert.equal(await service.redis.zscore('{sandbox}:payments', present), '0')
  })

  for (const amount of [0, -1, 0.5, 1e300, '1', null, { $gt: 0 }]) {
    it(`are not changed by a request with the amount ${JSON.stringify(amount)}`, async () => {
      const { body } = await service.authorise()
      await service.act(body.id, 'capture', { amount }).expect(400)
      await service.act(body.id, 'capture', {}).expect(200)
      await service.refund(body.id, { reference: 'bad', amount }).expect(400)
      const { body: after } = await service.merchant('get', `/payments/${body.id}`).expect(200)
      assert.equal(after.captured, 1_000)
      assert.deepEqual(after.refunds, [])
    })
  }

  it('can be changed only by payments', async () => {
    const { body } = await service.authorise()
    for (const as of [service.customer, service.staff]) {
      await as('post', `/payments/${body.id}/capture`).send({}).expect(403)
    }
    await service.guest('post', '/payments').send({}).expect(401)
  })
})
