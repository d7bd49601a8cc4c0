import { type Money, minorDigits } from '@bulkhead/chassis/money'

/**
 * Makes a reader of decimal prices of one currency. The reader counts digits instead of dividing floats, so it is exact;
 * it throws a RangeError that says why for a price that is not a number, negative, too large or finer than a minor unit.
 * Throws an Error for a currency that is not in circulation.
 */
export function priceReader(currency: string): (text: string) => Money {
  const digits = minorDigits(currency)
  return text => ({ amount: minorUnits(text, digits, currency), currency })
}

function minorUnits(text: string, digits: number, currency: string): number {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === undefined) throw new RangeError('is not a decimal number')
  if (sign) throw new RangeError('is negative')
  if (fraction.length > digits) throw new RangeError(`has more than the ${digits} decimals of ${currency}`)
  const amount = Number(whole + fraction.padEnd(digits, '0'))
  if (!Number.isSafeInteger(amount)) throw new RangeError('is too large')
  return amount
}
