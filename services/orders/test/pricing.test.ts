import assert from 'node:assert/strict'
import { Problem } from '@bulkhead/chassis/core'
import type { Offer } from '../src/clients/catalog.ts'
import type { NewOrder } from '../src/orders/schemas.ts'
import { checkLines, MOST_TOTAL, priceOrder } from '../src/placing/pricing.ts'
import { shippingPrice } from '../src/placing/rates.ts'
import { MUG, twoMugs } from './helper.ts'

const asked = twoMugs as NewOrder
const [line] = asked.lines as [NewOrder['lines'][0]]

/** A gift card: neither taxable nor shipped. */
const CARD: Offer = {
  productId: `prd_${'0'.repeat(25)}2`,
  sku: 'CARD',
  title: 'Gift card',
  variant: { price: { amount: 10_000, currency: 'EUR' }, taxable: false, requiresShipping: false }
}
const card = { productId: CARD.productId, sku: CARD.sku, quantity: 1 }

/** Returns the pointers of the problem that a call throws. */
function pointersOf(call: () => unknown, status: number) {
  try {
    call()
  } catch (error) {
    assert.ok(error instanceof Problem)
    assert.equal(error.status, status)
    return (error.errors ?? []).map(({ pointer }) => pointer)
  }
  return assert.fail('Nothing was thrown')
}

const eur = (amount: number) => ({ amount, currency: 'EUR' })

describe('the price of an order', () => {
  it('is catalog’s price plus shipping, and includes tax', () => {
    const { lines, ...rest } = priceOrder(asked, [MUG])
    assert.deepEqual(rest, {
      subtotal: eur(2_500),
      shipping: { method: 'standard', price: eur(490), tax: eur(78) },
      total: eur(2_990),
      tax: { rate: 19, amount: eur(477) }
    })
    assert.deepEqual(lines, [
      {
        ...line,
        title: 'Mug',
        unitPrice: eur(1_250),
        total: eur(2_500),
        taxable: true,
        requiresShipping: true,
        tax: eur(399)
      }
    ])
  })

  it('has no shipping and no tax for a gift card, which needs only a country', () => {
    const { shippingMethod: _, ...rest } = asked
    const order = { ...rest, lines: [card], deliveryAddress: { country: 'DE' } }
    const { shipping, total, tax } = priceOrder(order as NewOrder, [CARD])
    assert.deepEqual(
      { shipping, total, tax },
      { shipping: undefined, total: eur(10_000), tax: { rate: 19, amount: eur(0) } }
    )
    assert.equal(priceOrder({ ...asked, lines: [card] }, [CARD]).shipping, undefined)
  })

  it('includes shipping by the value of the shipped lines, with tax on the shipping', () => {
    const { shipping, total, tax } = priceOrder({ ...asked, lines: [line, card] }, [MUG, CARD])
    assert.deepEqual(shipping, { method: 'standard', price: eur(490), tax: eur(78) })
    assert.deepEqual({ total, tax }, { total: eur(12_990), tax: { rate: 19, amount: eur(477) } })
  })

  it('throws a 422 that names each missing field of the delivery', () => {
    const { shippingMethod: _, ...rest } = asked
    const order = { ...rest, lines: [line, card], deliveryAddress: { country: 'DE', city: 'Berlin' } } as NewOrder
    assert.deepEqual(
      pointersOf(() => priceOrder(order, [MUG, CARD]), 422),
      [
        '/body/shippingMethod',
        '/body/deliveryAddress/name',
        '/body/deliveryAddress/street',
        '/body/deliveryAddress/postalCode'
      ]
    )
  })

  it('throws a 422 that names each line that is not offered', () => {
    const jar = { ...MUG, sku: 'JAR', variant: { taxable: true, requiresShipping: true } }
    const cup = { productId: MUG.productId, sku: 'CUP', title: 'Mug' }
    const lines = [line, { ...line, sku: 'CUP' }, { ...line, productId: 'prd_0', sku: 'BOX' }, { ...line, sku: 'JAR' }]
    assert.deepEqual(
      pointersOf(() => priceOrder({ ...asked, lines }, [MUG, cup, jar]), 422),
      ['/body/lines/1/sku', '/body/lines/2/productId', '/body/lines/3']
    )
    assert.deepEqual(
      pointersOf(() => checkLines({ ...asked, lines: [line, line] }), 400),
      ['/body/lines/1/sku']
    )
  })

  it('has a maximum', () => {
    const costing = (amount: number) => ({ ...MUG, variant: { ...MUG.variant, price: eur(amount) } })
    const price = (amount: number, quantity: number) =>
      priceOrder({ ...asked, lines: [{ ...line, quantity }] }, [costing(amount)])
    assert.equal(price(MOST_TOTAL / 2, 2).total.amount, MOST_TOTAL)
    assert.deepEqual(
      pointersOf(() => price(MOST_TOTAL / 2 + 1, 2), 422),
      ['/body/lines']
    )
    for (const quantity of [1, 999])
      assert.deepEqual(
        pointersOf(() => price(Number.MAX_SAFE_INTEGER, quantity), 422),
        ['/body/lines/0']
      )
    const lines = Array.from({ length: 100 }, () => ({ ...line, quantity: 999 }))
    assert.deepEqual(
      pointersOf(() => priceOrder({ ...asked, lines }, [costing(MOST_TOTAL)]), 422),
      ['/body/lines']
    )
  })

  it('throws a 409 if the buyer expects a different total', () => {
    const shown = (amount: number, currency = 'EUR') => ({ ...asked, expectedTotal: { amount, currency } })
    assert.equal(priceOrder(shown(2_990), [MUG]).total.amount, 2_990)
    pointersOf(() => priceOrder(shown(2_989), [MUG]), 409)
    pointersOf(() => priceOrder(shown(2_990, 'USD'), [MUG]), 409)
  })

  it('has free standard shipping above a value that depends on the country', () => {
    const price = (country: string, amount: number) => shippingPrice(country, 'standard', { amount, currency: 'EUR' })
    assert.equal(price('DE', 4_999).amount, 490)
    assert.equal(price('DE', 5_000).amount, 0)
    assert.equal(price('FR', 5_000).amount, 990)
  })
})
