import type { Money } from '@bulkhead/chassis/core'
import { taxRate } from './rates.ts'

type TaxedLine = { total: Money; taxable: boolean; requiresShipping: boolean }

/**
 * The taxes of an order. `rate` is in percent. `lines` are in the order of the order's lines. `total` is the sum of `lines` and `shipping`.
 */
type Taxes = { rate: number; total: Money; lines: Money[]; shipping: Money }

/**
 * Computes the tax that is included in the prices of an order. A line that is not taxable has no tax. The tax on shipping depends on the
 * share of taxable lines in the value of the shipped lines. The total is rounded once, half up, and then split by the largest remainder, so
 * that the parts add up. `country` is one of `countries`; all amounts are in one currency.
 */
export function taxesIn(country: string, lines: TaxedLine[], shipping: Money): Taxes {
  const rate = taxRate(country)
  const taxableLines = lines.map(({ taxable, total }) => (taxable ? total.amount : 0))
  const taxableShipping = taxableShippingOf(lines, shipping.amount)
  const taxable = [...taxableLines, taxableShipping]
  const total = taxInAmount(rate, taxable)
  const parts = apportion(total, taxable)
  const money = (amount: number): Money => ({ amount, currency: shipping.currency })
  return {
    rate: rate / 100,
    total: money(total),
    lines: parts.slice(0, lines.length).map(money),
    shipping: money(parts[lines.length]!)
  }
}

/** Returns the part of the shipping price that belongs to taxable lines. */
function taxableShippingOf(lines: TaxedLine[], price: number) {
  const shipped = lines.filter(({ requiresShipping }) => requiresShipping)
  const parts = apportion(
    price,
    shipped.map(({ total }) => total.amount)
  )
  return parts.reduce((sum, part, place) => (shipped[place]!.taxable ? sum + part : sum), 0)
}

/** Returns the tax included in the sum of some amounts, rounded half up. `rate` is in hundredths of a percent. */
function taxInAmount(rate: number, amounts: number[]) {
  // An amount times a rate can exceed a safe integer.
  const sum = amounts.reduce((sum, amount) => sum + BigInt(amount), 0n)
  const whole = BigInt(10_000 + rate)
  return Number((2n * sum * BigInt(rate) + whole) / (2n * whole))
}

/**
 * Splits a whole number of 0 or more into whole parts in proportion to weights, by the method of the largest remainder. The parts add up to
 * `amount`, and each part differs from its exact share by less than one. Of equal remainders, the earlier part gets the unit. If all
 * weights are 0, the shares are equal. Throws a RangeError for an amount without parts.
 */
export function apportion(amount: number, weights: number[]): number[] {
  if (weights.length === 0) {
    if (amount === 0) return []
    throw new RangeError(`No part can take ${amount}`)
  }
  const hasWeight = weights.some(weight => weight > 0)
  // An amount times a weight can exceed a safe integer.
  const shares = weights.map(weight => (hasWeight ? BigInt(weight) : 1n))
  const whole = shares.reduce((sum, share) => sum + share, 0n)
  const exact = shares.map(share => BigInt(amount) * share)
  const parts = exact.map(part => Number(part / whole))
  const left = amount - parts.reduce((sum, part) => sum + part, 0)
  const remainders = exact.map((part, place) => ({ place, remainder: part % whole }))
  remainders.sort((one, other) => Number(other.remainder - one.remainder) || one.place - other.place)
  for (const { place } of remainders.slice(0, left)) parts[place]! += 1
  return parts
}
