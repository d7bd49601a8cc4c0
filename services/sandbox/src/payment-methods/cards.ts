import { Problem } from '@bulkhead/chassis/core'
import type { Card } from './schemas.ts'

/** The outcome of payments with a card. */
export type CardBehaviour = 'approve' | 'decline' | 'insufficient-funds' | 'authenticate' | 'slow' | 'error'

/** The test cards of the README. The numbers are Stripe's if Stripe has such a card. */
const TEST_CARDS: Record<string, CardBehaviour> = {
  '4242424242424242': 'approve',
  '4000000000000002': 'decline',
  '4000000000009995': 'insufficient-funds',
  '4000002500003155': 'authenticate',
  '4000000000000259': 'slow',
  '4000000000000119': 'error'
}

/** The behaviour of a test card. Any other number approves. */
export const behaviourOf = (number: string): CardBehaviour => TEST_CARDS[number] ?? 'approve'

/** Throws a 422 for a wrong check digit or an expired card. */
export function checkCard({ number, expiry }: Pick<Card, 'number' | 'expiry'>, now: Date) {
  if (!isLuhn(number)) throw badCard('/body/number', 'The check digit is wrong')
  if (isExpired(expiry, now)) throw badCard('/body/expiry', 'The card is expired')
}

const badCard = (pointer: string, detail: string) =>
  new Problem(422, 'bad-card', 'The card can’t be used', { errors: [{ pointer, detail }] })

/** True if the last digit is the check digit of the others (ISO/IEC 7812-1, annex B: Luhn). */
export function isLuhn(number: string): boolean {
  const digits = [...number].reverse().map(Number)
  const sum = digits.reduce((sum, digit, place) => sum + (place % 2 === 0 ? digit : luhnDouble(digit)), 0)
  return sum % 10 === 0
}

const luhnDouble = (digit: number) => (digit > 4 ? digit * 2 - 9 : digit * 2)

/** True if a card has expired. It is good to the end of its month (1 to 12), in UTC. */
export const isExpired = ({ month, year }: Card['expiry'], now: Date): boolean =>
  year * 12 + month - 1 < now.getUTCFullYear() * 12 + now.getUTCMonth()

export function brandOf(number: string): string {
  if (number.startsWith('4')) return 'visa'
  if (/^(5[1-5]|2[2-7])/.test(number)) return 'mastercard'
  return /^3[47]/.test(number) ? 'amex' : 'card'
}
