import { type Money, minorDigits } from '@bulkhead/chassis/core'

/** Maximum price, in the currency's major unit. A higher price is probably a mistake. */
const HIGHEST = 1e10

/**
 * Returns a parser of decimal prices in one currency. The parser counts digits instead of dividing floats, so it is exact. It throws a
 * RangeError with the reason if a price is not a number, is negative, is too high, or has more decimals than the currency. Zeros count as
 * decimals too, because `1.290` can mean a thousand. Throws an Error for a currency that is not in circulation.
 */
export function priceParser(currency: string): (text: string) => Money {
  const digits = minorDigits(currency)
  return text => ({ amount: toMinorUnits(text, digits, currency), currency })
}

function toMinorUnits(text: string, digits: number, currency: string): number {
  const [, sign, whole, decimals = ''] = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === undefined) throw new RangeError('is not a decimal number')
  if (sign === '-') throw new RangeError('is negative')
  // Exporters write two decimals for every currency, even for yen.
  const fraction = digits === 0 && decimals === '00' ? '' : decimals
  if (fraction.length > digits)
    throw new RangeError(`has more than the ${digits} decimals of ${currency}; write thousands without a separator`)
  if (Number(whole) > HIGHEST) throw new RangeError(`is higher than ${HIGHEST} ${currency}`)
  return Number(whole + fraction.padEnd(digits, '0'))
}
