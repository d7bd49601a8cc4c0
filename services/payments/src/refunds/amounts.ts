import type { Refund } from './schemas.ts'

/** The sum that was paid back. */
export const refundedAmount = (refunds: Refund[]) => sumOf(refunds.filter(({ state }) => state === 'done'))

/** The sum that was paid back or is about to be. */
export const promisedAmount = (refunds: Refund[]) => sumOf(refunds.filter(({ state }) => state !== 'refused'))

const sumOf = (refunds: Refund[]) => refunds.reduce((sum, { amount }) => sum + amount, 0)
