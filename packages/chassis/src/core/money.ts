import * as z from 'zod'

/**
 * The currencies in circulation by their decimal places (ISO 4217, list one). `Intl` can't be used: it has the decimal places of CLDR,
 * which differ (IQD has 0 there, and 3 in ISO 4217) and change with the runtime. An upgrade of Node must not change the value of an amount.
 */
const CURRENCIES = [
  { digits: 0, codes: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF' },
  { digits: 3, codes: 'BHD IQD JOD KWD LYD OMR TND' },
  {
    digits: 2,
    codes: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC
      CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
      KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
      NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
      TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`
  }
]

const DIGITS = new Map(
  CURRENCIES.flatMap(({ digits, codes }) => codes.split(/\s+/).map(code => [code, digits] as const))
)

/** An amount of money. `amount` counts minor units of `currency` (cents of EUR, yen of JPY): a safe integer, never below 0. */
export const moneySchema = z
  .object({
    amount: z
      .int()
      .min(0)
      .meta({ description: 'In minor units of the currency: cents of EUR, yen of JPY', examples: [1250] }),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, { error: 'Must be three capital letters', abort: true })
      .refine(code => DIGITS.has(code), 'Must be a currency of ISO 4217 that is in circulation')
      .meta({ description: 'A currency of ISO 4217', examples: ['EUR'] })
  })
  .meta({ id: 'Money' })

export type Money = z.infer<typeof moneySchema>

/**
 * Returns the number of decimal places of a currency: 2 for EUR, 0 for JPY, 3 for KWD. Throws an Error for a currency that `moneySchema`
 * refuses.
 */
export function minorDigits(currency: string): number {
  const digits = DIGITS.get(currency)
  if (digits === undefined) throw new Error(`${currency} is not a currency of ISO 4217 in circulation`)
  return digits
}

/**
 * Reads a decimal such as `12.50`, `12.5` or `12` as money, exactly. Throws an Error for anything else: a sign, an exponent, grouping, more
 * decimals than the currency has, or an amount that is not a safe integer.
 */
export function parseMoney(text: string, currency: string): Money {
  const digits = minorDigits(currency)
  const [, whole, fraction = ''] = /^(0|[1-9]\d{0,15})(?:\.(\d{1,3}))?$/.exec(text) ?? []
  if (whole === undefined || fraction.length > digits) {
    throw new Error(
      `Not an amount of ${currency}, a plain number with at most ${digits} decimal places: ${text.slice(0, 40)}`
    )
  }
  return safe(Number(whole + fraction.padEnd(digits, '0')), currency)
}

/** Returns the sum of two amounts. Throws an Error when their currencies differ or the sum is not a safe integer. */
export function addMoney(one: Money, other: Money): Money {
  if (one.currency !== other.currency) throw new Error(`Can't add ${other.currency} to ${one.currency}`)
  return safe(one.amount + other.amount, one.currency)
}

/**
 * Returns the price of `quantity` pieces. Throws an Error when `quantity` is not a whole number of at least 0, or the product is not a safe
 * integer.
 */
export function timesMoney({ amount, currency }: Money, quantity: number): Money {
  if (!Number.isSafeInteger(quantity) || quantity < 0) throw new Error(`${quantity} is not a quantity`)
  return safe(amount * quantity, currency)
}

/** Throws for an inexact amount. Rounding never turns an unsafe integer into a safe one, so an amount that passes is exact. */
function safe(amount: number, currency: string): Money {
  if (!Number.isSafeInteger(amount)) throw new Error(`An amount of ${currency} is too large`)
  return { amount, currency }
}
