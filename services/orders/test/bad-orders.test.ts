import assert from 'node:assert/strict'
import * as callers from '@bulkhead/testing/callers'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { MOST_TOTAL } from '../src/placing/pricing.ts'
import { keyNamed, MUG, type Replica, startReplica, twoMugs } from './helper.ts'

const [line] = twoMugs.lines
const cent = { amount: 1, currency: 'EUR' }
const address = twoMugs.deliveryAddress
const lines = (...asked: object[]) => ({ lines: asked })
const quantity = (asked: unknown) => lines({ ...line, quantity: asked })
const to = (asked: object) => ({ deliveryAddress: { ...address, ...asked } })
const distinct = (count: number) =>
  lines(...Array.from({ length: count }, (_, number) => ({ ...line, sku: `MUG-${number}` })))

/** Changes to a valid order. Each has the pointer of the field that becomes invalid. */
const bad: [pointer: string, differs: object][] = [
  ['/body/expectedTotal/amount', { expectedTotal: { amount: -1, currency: 'EUR' } }],
  ['/body/expectedTotal/amount', { expectedTotal: { amount: 29.9, currency: 'EUR' } }],
  ['/body/expectedTotal/amount', { expectedTotal: { amount: '2990', currency: 'EUR' } }],
  ['/body/expectedTotal/amount', { expectedTotal: { amount: { $gt: '' }, currency: 'EUR' } }],
  ['/body/expectedTotal/amount', { expectedTotal: { amount: 1e300, currency: 'EUR' } }],
  ['/body/expectedTotal/currency', { expectedTotal: { amount: 2_990, currency: 'XXX' } }],
  ['/body/currency', { currency: 'eur' }],
  ['/body/currency', { currency: 'JPY' }],
  ['/body/currency', { currency: ['EUR'] }],
  ['/body/currency', { currency: { $gt: '' } }],
  ...[-1, 0, 1.5, 1_000, 1e300, '2', null, true, [2], { $gt: 0 }].map((asked): [string, object] => [
    '/body/lines/0/quantity',
    quantity(asked)
  ]),
  ['/body/lines', lines()],
  ['/body/lines', { lines: { length: 1, 0: line } }],
  ['/body/lines', distinct(101)],
  ['/body/lines/1/sku', lines(line!, { ...line, quantity: 1 })],
  ['/body/lines/0/sku', lines({ ...line, sku: '..' })],
  ['/body/lines/0/sku', lines({ ...line, sku: { $gt: '' } })],
  ['/body/lines/0/productId', lines({ ...line, productId: { $ne: null } })],
  ['/body/lines/0/productId', lines({ ...line, productId: `${MUG.productId},${MUG.productId}` })],
  ['/body/deliveryAddress/country', to({ country: 'XX' })],
  ['/body/deliveryAddress/country', to({ country: 'de' })],
  ['/body/deliveryAddress/country', to({ country: '__proto__' })],
  ['/body/deliveryAddress/country', to({ country: 'constructor' })],
  ['/body/deliveryAddress/street', to({ street: ' ' })],
  ['/body/deliveryAddress/street', to({ street: 'x'.repeat(201) })],
  ['/body/deliveryAddress/city', to({ city: 'Berlin\r\nBcc: all@example.com' })],
  ['/body/deliveryAddress/city', to({ city: 'Berlin\ud83d' })],
  ['/body/lines/0/sku', lines({ ...line, sku: 'MUG\ud83d' })],
  ['/body/lines/0/sku', lines({ ...line, sku: 'MUG\0' })],
  ['/body/deliveryAddress/name', to({ name: { $regex: '.*' } })],
  ['/body/email', { email: 'ada' }],
  ['/body/email', { email: { $gt: '' } }],
  ['/body/shippingMethod', { shippingMethod: 'free' }],
  ['/body/shippingMethod', { shippingMethod: '__proto__' }],
  ['/body/paymentMethod', { paymentMethod: 'pm_../../x' }],
  ['/body/cart', { cart: 'crt_1' }],
  ['/body/cart', { cart: { $gt: '' } }],
  // These fields are refused, because prices come only from catalog and the buyer comes only from the token.
  ['/body/customer', { customer: callers.customer().id }],
  ['/body/state', { state: 'captured' }],
  ['/body/coupon', { coupon: 'FREE' }],
  ...['price', 'total', 'subtotal', 'tax', 'discount'].map((name): [string, object] => [
    `/body/${name}`,
    { [name]: cent }
  ]),
  ...['price', 'unitPrice', 'total', 'coupon', 'title'].map((name): [string, object] => [
    `/body/lines/0/${name}`,
    lines({ ...line, [name]: cent })
  ]),
  ['/body/expectedTotal/discount', { expectedTotal: { ...cent, discount: 1 } }],
  ['/body/deliveryAddress/tax', to({ tax: 0 })]
]

function inputAt(pointer: string, request: object) {
  const value = pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], request)
  return JSON.stringify(value).slice(0, 60)
}

describe('an order with invalid input', () => {
  let replica: Replica
  let fakes: Replica['fakes']
  let keys = 0
  before(async () => {
    replica = await startReplica()
    fakes = replica.fakes
  })
  after(() => replica.close())

  const place = (body: object | string) =>
    request(replica.url)
      .post('/orders')
      .type('json')
      .set('Idempotency-Key', keyNamed(`bad-order-${++keys}`))
      .send(body)

  async function refused(body: object | string, status: number, pointer: string) {
    const traces = async () => ({
      orders: await replica.store.collection.countDocuments(),
      calls: fakes.payments.asked.length
    })
    const before = await traces()
    const { body: problem } = await place(body).expect(status)
    const pointers = (problem.errors ?? []).map((error: { pointer: string }) => error.pointer)
    assert.ok(pointers.includes(pointer), JSON.stringify(problem))
    assert.deepEqual(await traces(), before)
  }

  for (const [pointer, differs] of bad) {
    it(`returns 400 for the value ${inputAt(pointer, { body: differs })} of ${pointer}`, () =>
      refused({ ...twoMugs, ...differs }, 400, pointer))
  }

  for (const key of ['__proto__', 'constructor']) {
    it(`returns 400 for a field ${key} at any depth`, async () => {
      const lie = `{"${key}":{"prototype":{"amount":1},"amount":1},`
      for (const place of ['{"lines"', '{"productId"', '{"name"'])
        await refused(JSON.stringify(twoMugs).replace(place, lie + place.slice(1)), 400, '/body')
      assert.equal(({} as { amount?: number }).amount, undefined)
    })
  }

  it('returns 422 for a price that is too high to compute with', async () => {
    for (const amount of [Number.MAX_SAFE_INTEGER, MOST_TOTAL + 1]) {
      const variant = { ...MUG.variant, price: { amount, currency: 'EUR' } }
      fakes.catalog.answer('listOffers', () => ({ body: { items: [{ ...MUG, variant }] } }))
      await refused(twoMugs, 422, '/body/lines/0')
    }
    fakes.catalog.answer('listOffers', () => ({ body: { items: [MUG] } }))
  })

  it('accepts a SKU with a line break, as catalog and inventory do', async () => {
    const sku = 'MUG\nBLUE\t\u007f'
    fakes.catalog.answer('listOffers', () => ({ body: { items: [{ ...MUG, sku }] } }))
    const { body } = await place({ ...twoMugs, ...lines({ ...line, sku }) }).expect(201)
    fakes.catalog.answer('listOffers', () => ({ body: { items: [MUG] } }))
    await until(async () => (await replica.store.byId(body.id))!.state === 'captured')
    const reserved = fakes.inventory.asked.find(({ params }) => params.orderId === body.id)
    assert.deepEqual(reserved!.body, { lines: [{ sku, quantity: 2 }] })
  })

  it('returns 400 or 422 for a refund with an invalid amount', async () => {
    const { body } = await place(twoMugs).expect(201)
    const { id } = body
    await until(async () => (await replica.store.byId(id))!.state === 'captured')
    const before = await replica.store.byId(id)
    const refund = (amount: unknown) =>
      request(replica.url)
        .post(`/orders/${id}/refunds`)
        .set({ Authorization: callers.staff().header, 'If-Match': `"${before!.version}"` })
        .send({ reason: 'returned', amount })
    for (const amount of [-1, 0.5, 1e300, '1', null, { $gt: 0 }]) await refund({ amount, currency: 'EUR' }).expect(400)
    for (const amount of [990, { amount: 990 }, [{ amount: 990, currency: 'EUR' }]]) await refund(amount).expect(400)
    for (const money of [
      { amount: 2_991, currency: 'EUR' },
      { amount: 990, currency: 'USD' }
    ])
      await refund(money).expect(422)
    assert.deepEqual(await replica.store.byId(id), before)
  })
})
