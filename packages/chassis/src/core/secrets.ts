import { randomBytes, timingSafeEqual } from 'node:crypto'

/** A new secret that nobody can guess: 128 random bits in base64url, which has 22 characters. */
export const newSecret = () => randomBytes(16).toString('base64url')

/** True if two secrets are the same. The time that it takes shows nothing of them, except whether they have the same length. */
export function isSameSecret(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
