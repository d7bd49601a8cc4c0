import assert from 'node:assert/strict'
import { Problem } from '@bulkhead/chassis/problem'
import fc from 'fast-check'
import { MOST_TOTAL } from '../src/limits.ts'
import { checkLines, priced } from '../src/pricing.ts'
import { countries, shippingPrice, taxIn } from '../src/rules.ts'
import type { NewOrder } from '../src/schemas.ts'
import { MUG, twoMugs } from './helper.ts'

const asked = twoMugs as NewOrder

/** The places that a call refuses. */
function placesOf(call: () => unknown, status: number) {
  try {
    call()
  } catch (error) {
    assert.ok(error instanceof Problem)
    assert.equal(error.status, status)
    return (error.errors ?? []).map(({ pointer }) => pointer)
  }
  return assert.fail('It was taken')
}

describe('the price of an order', () => {
  it('is that of catalog, with shipping, and tells the tax in it', () => {
    const { subtotal, shipping, total, tax } = priced(asked, [MUG])
    assert.deepEqual(
      [subtotal.amount, shipping.price.amount, total.amount, tax.rate, tax.amount.amount],
      [2_500, 490, 2_990, 19, 477]
    )
  })

  it('names the place of what is not offered', () => {
    const [line] = asked.lines as [NewOrder['lines'][0]]
    const lines = [line, { ...line, sku: 'CUP' }, { ...line, productId: 'prd_0', sku: 'JAR' }]
    const places = placesOf(() => priced({ ...asked, lines }, [MUG]), 422)
    assert.deepEqual(places, ['/body/lines/1/sku', '/body/lines/2/productId'])
    assert.deepEqual(
      placesOf(() => priced({ ...asked, currency: 'USD' }, [MUG]), 422),
      ['/body/lines/0']
    )
    assert.deepEqual(
      placesOf(() => checkLines({ ...asked, lines: [line, line] }), 400),
      ['/body/lines/1/sku']
    )
  })

  it('has a most, whatever catalog says', () => {
    const at = (amount: number) => ({ ...MUG, variants: [{ sku: 'MUG', prices: [{ amount, currency: 'EUR' }] }] })
    const price = (amount: number, quantity: number) =>
      priced({ ...asked, lines: [{ ...asked.lines[0]!, quantity }] }, [at(amount)])
    assert.equal(price(MOST_TOTAL / 2, 2).total.amount, MOST_TOTAL)
    assert.deepEqual(
      placesOf(() => price(MOST_TOTAL / 2 + 1, 2), 422),
      ['/body/lines']
    )
    for (const quantity of [1, 999])
      assert.deepEqual(
        placesOf(() => price(Number.MAX_SAFE_INTEGER, quantity), 422),
        ['/body/lines/0']
      )
    const lines = Array.from({ length: 100 }, () => ({ ...asked.lines[0]!, quantity: 999 }))
    assert.deepEqual(
      placesOf(() => priced({ ...asked, lines }, [at(MOST_TOTAL)]), 422),
      ['/body/lines']
    )
  })

  it('is refused where the buyer was shown another', () => {
    const shown = (amount: number, currency = 'EUR') => ({ ...asked, expectedTotal: { amount, currency } })
    assert.equal(priced(shown(2_990), [MUG]).total.amount, 2_990)
    placesOf(() => priced(shown(2_989), [MUG]), 409)
    placesOf(() => priced(shown(2_990, 'USD'), [MUG]), 409)
  })

  it('has standard shipping free from a worth on, by country', () => {
    const price = (country: string, amount: number) => shippingPrice(country, 'standard', { amount, currency: 'EUR' })
    assert.deepEqual(
      [price('DE', 4_999), price('DE', 5_000), price('FR', 5_000)].map(({ amount }) => amount),
      [490, 0, 990]
    )
  })

  it('has a tax that is its part of the whole, to half a unit, for any amount', () => {
    fc.assert(
      fc.property(fc.constantFrom(...countries), fc.maxSafeNat(), (country, amount) => {
        const { rate, amount: tax } = taxIn(country, { amount, currency: 'EUR' })
        const [part, whole] = [BigInt(tax.amount), BigInt(amount)]
        const hundredths = BigInt(Math.round(rate * 100))
        const difference = part * (10_000n + hundredths) - whole * hundredths
        assert.ok(2n * (difference < 0n ? -difference : difference) <= 10_000n + hundredths)
      })
    )
  })
})
