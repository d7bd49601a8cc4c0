import assert from 'node:assert/strict'
import { placedOrder } from '../src/orders/schemas.ts'
import { MUG, twoMugs } from './helper.ts'
import { shop } from './shop.ts'

const [line] = twoMugs.lines
const pointersOf = ({ errors }: { errors: { pointer: string }[] }) => errors.map(({ pointer }) => pointer)

describe('the offers of an order', () => {
  const { replica, place, comesTo } = shop()
  const offering = (...items: object[]) => replica().fakes.catalog.answer('listOffers', () => ({ body: { items } }))

  it('are requested from catalog by product, SKU and currency', async () => {
    await place().expect(201)
    const [asked] = replica().fakes.catalog.asked
    const lines = [{ productId: MUG.productId, sku: 'MUG' }]
    assert.deepEqual(asked!.body, { currency: 'EUR', lines })
  })

  it('decide whether a line is taxed and shipped: a gift card needs only a country', async () => {
    const card = { ...MUG, variant: { ...MUG.variant, taxable: false, requiresShipping: false } }
    offering(card)
    const { shippingMethod: _, ...rest } = twoMugs
    const { body } = await place({ ...rest, deliveryAddress: { country: 'DE' } }).expect(201)
    assert.deepEqual(placedOrder.parse(body), body)
    assert.deepEqual(body.total, { amount: 2_500, currency: 'EUR' })
    assert.deepEqual(body.tax, { rate: 19, amount: { amount: 0, currency: 'EUR' } })
    assert.equal(body.shipping, undefined)
    assert.equal(body.lines[0].requiresShipping, false)
    await comesTo(body.id, 'captured')
  })

  it('lead to a 422 with each missing field if a line needs shipping', async () => {
    const { shippingMethod: _, ...rest } = twoMugs
    const { body } = await place({ ...rest, deliveryAddress: { name: 'Ada', country: 'DE' } }).expect(422)
    assert.equal(body.type, 'urn:bulkhead:problem:delivery-incomplete')
    const fields = ['street', 'city', 'postalCode'].map(field => `/body/deliveryAddress/${field}`)
    assert.deepEqual(pointersOf(body), ['/body/shippingMethod', ...fields])
    const withoutStreet = { ...twoMugs.deliveryAddress, street: undefined }
    const { body: one } = await place({ ...twoMugs, deliveryAddress: withoutStreet }).expect(422)
    assert.deepEqual(pointersOf(one), ['/body/deliveryAddress/street'])
  })

  it('are accepted for a hundred lines with the longest names', async () => {
    const name = '\u0001'.repeat(250)
    const lines = Array.from({ length: 100 }, (_, number) => ({ ...line, sku: `a${name}${100 + number}` }))
    const options = Object.fromEntries(['a', 'b', 'c'].map(option => [option + name, option + name]))
    offering(...lines.map(({ sku }) => ({ ...MUG, sku, title: name, variant: { ...MUG.variant, options } })))
    const { body } = await place({ ...twoMugs, lines }).expect(201)
    assert.equal(body.lines.length, 100)
    assert.equal(body.total.amount, 100 * 2_500)
  })

  it('lead to a 422 if catalog reports that they are too large, and to a 503 if catalog is an older release', async () => {
    replica().fakes.catalog.fail('listOffers', 422)
    const { body } = await place().expect(422)
    assert.equal(body.type, 'urn:bulkhead:problem:order-too-large')
    assert.deepEqual(pointersOf(body), ['/body/lines'])
    replica().fakes.catalog.fail('listOffers', 404)
    await place().expect(503)
  })
})
