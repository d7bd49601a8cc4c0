import assert from 'node:assert/strict'
import { newSecretId } from '@bulkhead/chassis/core'
import { allItems } from '@bulkhead/testing/all-items'
import { until } from '@bulkhead/testing/until'
import { payment as paymentSchema } from '../src/payments/schemas.ts'
import { startService } from './helper.ts'

describe('The sandbox', () => {
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    service = await startService()
  })
  after(() => service.close())

  const act = (id: string, action: string, body?: object) =>
    service.merchant('post', `/payments/${id}/${action}`).send(body)
  const refund = (id: string, reference: string, amount: number, key = `refund-key-${reference}`) =>
    act(id, 'refunds', { reference, amount }).set('Idempotency-Key', key)

  async function captured(amount = 1_000) {
    const { body } = await service.authorise()
    await act(body.id, 'capture', { amount }).expect(200)
    return body.id as string
  }

  for (const [number, state, reason] of [
    ['4242424242424242', 'authorised'],
    ['5555555555554444', 'authorised'],
    ['4000000000000002', 'declined', 'card-declined'],
    ['4000000000009995', 'declined', 'insufficient-funds'],
    ['4000002500003155', 'pending'],
    ['4000000000000259', 'authorised']
  ]) {
    it(`answers ${state} ${reason ?? ''} for ${number}`, async () => {
      const { status, body } = await service.authorise(number)
      assert.equal(status, 201)
      assert.deepEqual(paymentSchema.parse(body), body)
      assert.deepEqual([body.state, body.reason, body.captured], [state, reason, 0])
    })
  }

  it('fails three times with the card for errors, and approves then', async () => {
    const method = await service.method('4000000000000119')
    const statuses = []
    for (let turn = 0; turn < 5; turn++) {
      const body = { reference: 'pay_e', amount: { amount: 1, currency: 'EUR' }, method }
      const answer = await service.merchant('post', '/payments').set('Idempotency-Key', 'key-of-errors').send(body)
      statuses.push(answer.status)
    }
    assert.deepEqual(statuses, [500, 500, 500, 201, 201])
  })

  it('has made the payment of the slow card before it answers', async () => {
    const slow = await startService({ slowMs: 3_000 })
    let isAnswered = false
    const answer = slow.authorise('4000000000000259', { reference: 'pay_slow' }).then(() => {
      isAnswered = true
    })
    await until(async () => (await slow.merchant('get', '/payments?reference=pay_slow')).body.items.length === 1)
    assert.equal(isAnswered, false)
    await answer
    await slow.close()
  })

  it('makes a payment once for each key, and refuses the key for another', async () => {
    const method = await service.method()
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

  it('needs a key where money could move twice', async () => {
    const id = await captured()
    const { body } = await act(id, 'refunds', { reference: 'rfd_1', amount: 1 }).expect(400)
    assert.equal(body.errors[0].pointer, '/headers/idempotency-key')
  })

  it('captures once, at most what is authorised', async () => {
    const { body } = await service.authorise()
    await act(body.id, 'capture', { amount: 1_001 }).expect(422)
    for (let turn = 0; turn < 2; turn++)
      assert.equal((await act(body.id, 'capture', { amount: 400 }).expect(200)).body.captured, 400)
    await act(body.id, 'capture', { amount: 500 }).expect(409)
    await act(body.id, 'void').expect(409)
  })

  it('voids once, and captures nothing then', async () => {
    const { body } = await service.authorise()
    for (let turn = 0; turn < 2; turn++) assert.equal((await act(body.id, 'void').expect(200)).body.state, 'voided')
    await act(body.id, 'capture', {}).expect(409)
  })

  it('refunds in parts up to what was captured, each once', async () => {
    const id = await captured(900)
    for (let turn = 0; turn < 2; turn++) await refund(id, 'one', 500).expect(200)
    await refund(id, 'one', 100).expect(422)
    await refund(id, 'two', 401).expect(422)
    const { body } = await refund(id, 'three', 400).expect(200)
    assert.deepEqual(body.refunds, [
      { reference: 'one', amount: 500 },
      { reference: 'three', amount: 400 }
    ])
  })

  it('never refunds more than was captured, whatever comes at once', async () => {
    const id = await captured(1_000)
    const answers = await Promise.all([...'abcdef'].map(name => refund(id, `at-once-${name}`, 300)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 3)
  })

  for (const [approve, state] of [
    [true, 'authorised'],
    [false, 'declined']
  ]) {
    it(`has its customer make a pending payment ${state}, once`, async () => {
      const { body } = await service.authorise('4000002500003155')
      const answer = (approve: unknown) => service.guest('post', `/payments/${body.id}/authenticate`).send({ approve })
      assert.deepEqual((await answer(approve).expect(200)).body, { id: body.id, state })
      assert.equal((await answer(!approve).expect(200)).body.state, state)
    })
  }

  it('lists what changed since a time, each as it is now', async () => {
    const { body: made } = await service.authorise(undefined, { reference: 'pay_list' })
    const { body: changed } = await act(made.id, 'capture', {})
    const since = `/payments?limit=1&changedSince=${changed.changedAt}`
    assert.deepEqual(await allItems(cursor => service.merchant('get', since + cursor).expect(200)), [changed])
  })

  it('lists those of a reference, page by page', async () => {
    const ids = []
    for (let turn = 0; turn < 3; turn++)
      ids.push((await service.authorise(undefined, { reference: 'pay_three' })).body.id)
    const list = (query: string) => service.merchant('get', `/payments?reference=pay_three&${query}`).expect(200)
    const { body: first } = await list('limit=2')
    const { body: last } = await list(`limit=2&cursor=${first.nextCursor}`)
    assert.deepEqual([...first.items, ...last.items].map(({ id }) => id).sort(), ids.sort())
    assert.equal(last.nextCursor, undefined)
    assert.deepEqual((await list('changedSince=2100-01-01T00:00:00Z')).body, { items: [] })
  })

  it('forgets a payment that nothing changes for half a year', async () => {
    const { body } = await service.authorise(undefined, { reference: 'pay_old' })
    const kept = await service.redis.pttl(`{sandbox}:payment:${body.id}`)
    assert.ok(kept > 179 * 86_400_000 && kept <= 180 * 86_400_000, String(kept))
    const [old, present] = [`2020-01-01T00:00:00.000Z ${body.id}`, `${body.changedAt} ${body.id}`]
    await service.redis.zadd('{sandbox}:payments', 0, old)
    await service.store.sweep()
    assert.deepEqual(await service.redis.zmscore('{sandbox}:payments', old, present), [null, '0'])
  })

  it('keeps nothing of a card but what it does', async () => {
    const id = await service.method()
    const { body } = await service.guest('get', `/payment-methods/${id}`).expect(200)
    assert.deepEqual(body, { id, brand: 'visa', last4: '4242' })
    await service.guest('get', `/payment-methods/${newSecretId('pm')}`).expect(404)
    const kept = await service.redis.get(`{sandbox}:method:${id}`)
    assert.ok(kept && !/4242424242/.test(kept) && !/cvc/.test(kept), String(kept))
  })

  for (const [pointer, status, card] of [
    ['/body/number', 422, { number: '4242424242424241' }],
    ['/body/number', 400, { number: '4242' }],
    ['/body/expiry', 422, { expiry: { month: 1, year: 2020 } }],
    ['/body/cvc', 400, { cvc: '' }]
  ] as const) {
    it(`refuses a card with ${JSON.stringify(card)} at ${pointer}`, async () => {
      const good = { number: '4242424242424242', expiry: { month: 1, year: 2040 }, cvc: '123' }
      const { body } = await service
        .guest('post', '/payment-methods')
        .send({ ...good, ...card })
        .expect(status)
      assert.equal(body.errors[0].pointer, pointer)
    })
  }

  for (const amount of [0, -1, 0.5, 1e300, '1', null, { $gt: 0 }]) {
    it(`moves no money for an amount of ${JSON.stringify(amount)}`, async () => {
      const { body } = await service.authorise()
      await act(body.id, 'capture', { amount }).expect(400)
      await act(body.id, 'capture', {}).expect(200)
      const key = `bad-refund-${body.id}`
      await act(body.id, 'refunds', { reference: 'bad', amount }).set('Idempotency-Key', key).expect(400)
      const { body: after } = await service.merchant('get', `/payments/${body.id}`).expect(200)
      assert.deepEqual([after.captured, after.refunds], [1_000, []])
    })
  }

  it('lets nobody but payments move money', async () => {
    const { body } = await service.authorise()
    for (const as of [service.customer, service.staff])
      await as('post', `/payments/${body.id}/capture`).send({}).expect(403)
    await service.guest('post', '/payments').send({}).expect(401)
  })
})
