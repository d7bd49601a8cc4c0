/**
 * Splits a whole number of 0 or more into whole parts in proportion to weights, by the largest remainder: the parts add up to
 * `amount`, and each is less than one away from its exact share. Equal remainders go to the earlier part; without any weight all parts
 * have the same share. Throws a RangeError if there is something to split and no part.
 */
export function apportion(amount: number, weights: number[]): number[] {
  if (weights.length === 0) {
    if (amount === 0) return []
    throw new RangeError(`There is no part to take ${amount}`)
  }
  const hasWeight = weights.some(weight => weight > 0)
  // In big integers: an amount times a weight may be more than a safe integer.
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
