import { randomBytes, timingSafeEqual } from 'node:crypto'

/** Returns a new secret that nobody can guess: 128 random bits in base64url, which has 22 characters. */
export const newSecret = () => randomBytes(16).toString('base64url')

/**
 * Returns true if two secrets are the same. The time of the comparison reveals nothing about them, except whether their lengths are equal.
 */
export function isSameSecret(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
