import type { Refund } from './schemas.ts'

/** The sum of the refunds that are done. */
export const refundedAmount = (refunds: Refund[]) => sumOf(refunds.filter(({ state }) => state === 'done'))

/** The sum of the refunds that are done or begun. */
export const promisedAmount = (refunds: Refund[]) => sumOf(refunds.filter(({ state }) => state !== 'refused'))

const sumOf = (refunds: Refund[]) => refunds.reduce((sum, { amount }) => sum + amount, 0)
