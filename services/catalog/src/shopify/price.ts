import { type Money, minorDigits } from '@bulkhead/chassis/core'

/** Of a price, in the currency's major unit. More is taken for a slip. */
const HIGHEST = 1e10

/**
 * Makes a reader of decimal prices of one currency. The reader counts digits instead of dividing floats, so it is exact. It throws a
 * RangeError that says why for a price that is not a number, negative, absurdly high or has more decimals than the currency: even if they
 * are zeros, for `1.290` may mean a thousand. Throws an Error for a currency that is not in circulation.
 */
export function priceReader(currency: string): (text: string) => Money {
  const digits = minorDigits(currency)
  return text => ({ amount: minorUnits(text, digits, currency), currency })
}

function minorUnits(text: string, digits: number, currency: string): number {
  const [, sign, whole, decimals = ''] = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === undefined) throw new RangeError('is not a decimal number')
  if (sign === '-') throw new RangeError('is negative')
  // Exporters write two decimals for every currency, for yen too.
  const fraction = digits === 0 && decimals === '00' ? '' : decimals
  if (fraction.length > digits)
    throw new RangeError(`has more than the ${digits} decimals of ${currency}; write thousands without a separator`)
  if (Number(whole) > HIGHEST) throw new RangeError(`is higher than ${HIGHEST} ${currency}`)
  return Number(whole + fraction.padEnd(digits, '0'))
}
