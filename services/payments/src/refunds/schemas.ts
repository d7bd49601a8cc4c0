import { idSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

export const refundId = idSchema('rfd')

/** Maximum number of refunds of a payment. */
export const MOST_REFUNDS = 100

/** The amount is in minor units of the payment's currency. */
export const newRefund = z.object({ amount: z.int().min(1) })

export const refund = newRefund.extend({
  id: refundId.or(z.string()).describe("The provider's ID if the refund was made at the provider"),
  state: z.enum(['begun', 'done', 'refused'])
})

export type Refund = z.infer<typeof refund>

/** Returns the sum of the refunds that are done. */
export const refundedAmount = (refunds: Refund[]) => sumOf(refunds.filter(({ state }) => state === 'done'))

/** Returns the sum of the refunds that are done or begun. */
export const promisedAmount = (refunds: Refund[]) => sumOf(refunds.filter(({ state }) => state !== 'refused'))

const sumOf = (refunds: Refund[]) => refunds.reduce((sum, { amount }) => sum + amount, 0)
