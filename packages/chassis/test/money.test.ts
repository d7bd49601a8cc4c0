import assert from 'node:assert/strict'
import fc from 'fast-check'
import { addMoney, minorDigits, moneySchema, parseMoney, timesMoney } from '../src/core/money.ts'

const euros = (amount: number) => ({ amount, currency: 'EUR' })
const amounts = fc.maxSafeNat()

/** Formats an amount as people write it, without arithmetic. */
function decimal(amount: number, digits: number) {
  const text = String(amount).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

describe('moneySchema', () => {
  it('accepts whole minor units from 0 to the largest safe integer', () => {
    fc.assert(fc.property(amounts, amount => assert.deepEqual(moneySchema.parse(euros(amount)), euros(amount))))
    for (const amount of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, '1', null]) {
      assert.ok(!moneySchema.safeParse({ amount, currency: 'EUR' }).success, String(amount))
    }
  })

  it('accepts currencies in circulation, in capitals', () => {
    for (const currency of ['EUR', 'USD', 'JPY', 'KWD', 'XCG']) {
      assert.ok(moneySchema.safeParse({ amount: 1, currency }).success, currency)
    }
    for (const currency of ['eur', 'EURO', 'XXX', 'XAU', 'DEM', '', 'constructor', null]) {
      assert.ok(!moneySchema.safeParse({ amount: 1, currency }).success, String(currency))
    }
  })
})

describe('minorDigits', () => {
  it('returns the digits of ISO 4217, not those of CLDR', () => {
    const expected = { EUR: 2, JPY: 0, KWD: 3, IQD: 3, COP: 2, ISK: 0, MGA: 2 }
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map(code => [code, minorDigits(code)])), expected)
  })

  it('throws for a text that is not a currency', () => {
    assert.throws(() => minorDigits('XXX'), /XXX is not a currency/)
  })
})

describe('parseMoney', () => {
  it('reads every amount of every number of decimals exactly', () => {
    fc.assert(
      fc.property(amounts, fc.constantFrom('EUR', 'JPY', 'KWD'), (amount, currency) => {
        assert.deepEqual(parseMoney(decimal(amount, minorDigits(currency)), currency), { amount, currency })
      })
    )
  })

  it('reads fewer decimals than the currency has', () => {
    assert.deepEqual(
      ['12.50', '12.5', '12', '0.07', '0'].map(text => parseMoney(text, 'EUR').amount),
      [1250, 1250, 1200, 7, 0]
    )
  })

  it('refuses a text that is not such a decimal', () => {
    const bad = [
      '',
      '.',
      '.5',
      '5.',
      '-1',
      '+1',
      '1e3',
      '0x1',
      '1,50',
      '1 000',
      '012',
      ' 1',
      '1\n',
      '1.505',
      '٣',
      'NaN'
    ]
    for (const text of bad) assert.throws(() => parseMoney(text, 'EUR'), /Not an amount of EUR/, text)
    assert.throws(() => parseMoney('1.0', 'JPY'), /at most 0 decimal places/)
    assert.throws(() => parseMoney('1', 'XXX'), /not a currency/)
  })

  it('refuses the first amount that is not a safe integer', () => {
    assert.equal(parseMoney('90071992547409.91', 'EUR').amount, Number.MAX_SAFE_INTEGER)
    assert.throws(() => parseMoney('90071992547409.92', 'EUR'), /too large/)
    assert.throws(() => parseMoney('9999999999999999', 'KWD'), /too large/)
  })
})

describe('addMoney', () => {
  it('returns the exact sum, or throws', () => {
    fc.assert(
      fc.property(amounts, amounts, (one, other) => {
        const sum = BigInt(one) + BigInt(other)
        if (sum > Number.MAX_SAFE_INTEGER) assert.throws(() => addMoney(euros(one), euros(other)), /too large/)
        else assert.deepEqual(addMoney(euros(one), euros(other)), euros(Number(sum)))
      })
    )
  })

  it('refuses amounts in two currencies', () => {
    assert.throws(() => addMoney(euros(1), { amount: 1, currency: 'USD' }), /Can't add USD to EUR/)
  })
})

describe('timesMoney', () => {
  it('returns the exact product, or throws', () => {
    fc.assert(
      fc.property(amounts, fc.oneof(fc.nat(1_000), amounts), (amount, quantity) => {
        const product = BigInt(amount) * BigInt(quantity)
        if (product > Number.MAX_SAFE_INTEGER) assert.throws(() => timesMoney(euros(amount), quantity), /too large/)
        else assert.deepEqual(timesMoney(euros(amount), quantity), euros(Number(product)))
      })
    )
  })

  it('refuses quantities that are not whole numbers from 0', () => {
    for (const quantity of [-1, 1.5, Number.NaN, 2 ** 53]) {
      assert.throws(() => timesMoney(euros(100), quantity), /is not a quantity/)
    }
  })
})
