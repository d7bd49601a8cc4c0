import { Problem } from '@bulkhead/chassis/core'
import type { Card } from './schemas.ts'

/** The outcome of payments with a card. */
export type CardBehaviour = 'approve' | 'decline' | 'insufficient-funds' | 'authenticate' | 'slow' | 'error'

/** The test cards in the README. Where Stripe has such a card, the number is Stripe's. */
const TEST_CARDS: Record<string, CardBehaviour> = {
  '4242424242424242': 'approve',
  '4000000000000002': 'decline',
  '4000000000009995': 'insufficient-funds',
  '4000002500003155': 'authenticate',
  '4000000000000259': 'slow',
  '4000000000000119': 'error'
}

/** Returns the behaviour of a card. Any number other than a test card's is approved. */
export const behaviourOf = (number: string): CardBehaviour => TEST_CARDS[number] ?? 'approve'

/** Throws a 422 for a wrong check digit or an expired card. */
export function checkCard({ number, expiry }: Pick<Card, 'number' | 'expiry'>, now: Date) {
  if (!isLuhn(number)) throw badCard('/body/number', 'The check digit is wrong')
  if (isExpired(expiry, now)) throw badCard('/body/expiry', 'The card is expired')
}

const badCard = (pointer: string, detail: string) =>
  new Problem(422, 'bad-card', 'The card can’t be used', { errors: [{ pointer, detail }] })

/** Returns true if the last digit is the check digit of the other digits (ISO/IEC 7812-1, annex B: Luhn). */
export function isLuhn(number: string): boolean {
  const digits = [...number].reverse().map(Number)
  const sum = digits.reduce((sum, digit, place) => sum + (place % 2 === 0 ? digit : luhnDouble(digit)), 0)
  return sum % 10 === 0
}

const luhnDouble = (digit: number) => (digit > 4 ? digit * 2 - 9 : digit * 2)

/** Returns true if a card has expired. A card is valid to the end of its month (1 to 12), in UTC. */
export const isExpired = ({ month, year }: Card['expiry'], now: Date): boolean =>
  year * 12 + month - 1 < now.getUTCFullYear() * 12 + now.getUTCMonth()

export function brandOf(number: string): string {
  if (number.startsWith('4')) return 'visa'
  if (/^(5[1-5]|2[2-7])/.test(number)) return 'mastercard'
  return /^3[47]/.test(number) ? 'amex' : 'card'
}
