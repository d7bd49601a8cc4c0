/**
 * Splits a whole number of 0 or more into whole parts in proportion to weights, by the method of the largest remainder. The parts add up
 * to `amount`, and each is less than one away from its exact share. Of equal remainders the earlier part wins. If all weights are 0, the
 * shares are equal. Throws a RangeError for an amount without parts.
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
