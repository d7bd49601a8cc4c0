import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MOST_TOTAL } from '../src/placing/pricing.ts'
import { countries } from '../src/placing/rates.ts'
import { apportion, taxesIn } from '../src/placing/tax.ts'

const amount = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: MOST_TOTAL }))
const sum = (amounts: number[]) => amounts.reduce((total, part) => total + part, 0)

describe('apportion', () => {
  it('returns parts that add up and differ from their exact shares by less than one', () => {
    fc.assert(
      fc.property(amount, fc.array(amount, { minLength: 1, maxLength: 100 }), (whole, weights) => {
        const parts = apportion(whole, weights)
        assert.equal(sum(parts), whole)
        const all = BigInt(sum(weights)) || BigInt(weights.length)
        for (const [place, part] of parts.entries()) {
          const weight = sum(weights) === 0 ? 1n : BigInt(weights[place]!)
          const difference = BigInt(part) * all - BigInt(whole) * weight
          assert.ok(-all < difference && difference < all, `${part} of ${whole} for ${weights[place]} in ${weights}`)
        }
      })
    )
  })

  it('adds the remaining units to the largest remainders, and among equal ones to the first', () => {
    assert.deepEqual(apportion(10, [1, 1, 1]), [4, 3, 3])
    assert.deepEqual(apportion(10, [15, 10, 50]), [2, 1, 7])
    assert.deepEqual(apportion(3, [0, 0]), [2, 1])
    assert.deepEqual(apportion(0, []), [])
    assert.throws(() => apportion(1, []), RangeError)
  })
})

const currency = fc.constantFrom('EUR', 'JPY', 'KWD')
const order = fc.record({
  country: fc.constantFrom(...countries),
  lines: fc.array(fc.record({ amount, taxable: fc.boolean(), requiresShipping: fc.boolean() }), {
    minLength: 1,
    maxLength: 100
  }),
  price: amount,
  currency
})
type Order = typeof order extends fc.Arbitrary<infer O> ? O : never

/** Returns the taxes of an order, with its lines and the price of shipping, which is 0 if nothing is shipped. */
function taxed({ country, lines, price, currency }: Order) {
  const shipped = lines.some(({ requiresShipping }) => requiresShipping)
  const shipping = { amount: shipped ? price : 0, currency }
  const goods = lines.map(({ amount, ...line }) => ({ ...line, total: { amount, currency } }))
  return { goods, shipping, taxes: taxesIn(country, goods, shipping) }
}

describe('the tax in an order', () => {
  it('is the sum of the taxes of its lines and of shipping, in the currency of the order', () => {
    fc.assert(
      fc.property(order, given => {
        const { taxes } = taxed(given)
        const parts = [...taxes.lines, taxes.shipping]
        assert.equal(sum(parts.map(({ amount }) => amount)), taxes.total.amount)
        for (const { currency } of [...parts, taxes.total]) assert.equal(currency, given.currency)
      })
    )
  })

  it('is 0 for a line that is not taxable, and never more than the price', () => {
    fc.assert(
      fc.property(order, given => {
        const { goods, shipping, taxes } = taxed(given)
        for (const [place, { taxable, total }] of goods.entries())
          assert.ok(taxes.lines[place]!.amount <= (taxable ? total.amount : 0))
        assert.ok(taxes.shipping.amount <= shipping.amount)
      })
    )
  })

  it('is the exact tax of a fully taxable order, rounded to the nearest unit', () => {
    fc.assert(
      fc.property(order, given => {
        const lines = given.lines.map(line => ({ ...line, taxable: true }))
        const { goods, shipping, taxes } = taxed({ ...given, lines })
        const whole = BigInt(sum([...goods.map(({ total }) => total.amount), shipping.amount]))
        const hundredths = BigInt(Math.round(taxes.rate * 100))
        const difference = BigInt(taxes.total.amount) * (10_000n + hundredths) - whole * hundredths
        assert.ok(2n * (difference < 0n ? -difference : difference) <= 10_000n + hundredths)
      })
    )
  })

  it('includes tax on shipping in proportion to the value of the taxable shipped lines', () => {
    const lines = [
      { amount: 3_000, taxable: true, requiresShipping: true },
      { amount: 1_000, taxable: false, requiresShipping: true },
      { amount: 9_000, taxable: true, requiresShipping: false }
    ]
    const { taxes } = taxed({ country: 'AT', lines, price: 800, currency: 'EUR' })
    assert.deepEqual(
      taxes.lines.map(({ amount }) => amount),
      [500, 0, 1_500]
    )
    assert.equal(taxes.shipping.amount, 100)
  })

  it('includes no tax on shipping of untaxed goods, and the full tax on shipping of free taxable goods', () => {
    const shipped = (taxable: boolean, amount: number) =>
      taxed({
        country: 'AT',
        lines: [{ amount, taxable, requiresShipping: true }],
        price: 600,
        currency: 'EUR'
      }).taxes.shipping.amount
    assert.deepEqual({ exempt: shipped(false, 1_000), free: shipped(true, 0) }, { exempt: 0, free: 100 })
  })

  it('is rounded to whole yen and to thousandths of a dinar', () => {
    const taxIn = (amount: number, currency: Order['currency']) =>
      taxed({
        country: 'DE',
        lines: [{ amount, taxable: true, requiresShipping: false }],
        price: 0,
        currency
      }).taxes.total
    assert.deepEqual(taxIn(1_200, 'JPY'), { amount: 192, currency: 'JPY' })
    assert.deepEqual(taxIn(1_290, 'KWD'), { amount: 206, currency: 'KWD' })
  })
})
