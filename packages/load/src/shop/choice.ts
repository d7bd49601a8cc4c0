/** Returns a random element of a list that is not empty. */
export const any = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)]!

/** True in this share of the calls, from 0 to 1. */
export const chance = (share: number): boolean => Math.random() < share

/** Returns a random element. The probability of each one is proportional to its weight. */
export function weighted<T extends { weight: number }>(all: readonly T[], random = Math.random): T | undefined {
  let rest = random() * all.reduce((sum, { weight }) => sum + weight, 0)
  return all.find(({ weight }) => {
    rest -= weight
    return rest < 0
  })
}
