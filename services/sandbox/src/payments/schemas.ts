import { idSchema, moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { paymentMethodId } from '../payment-methods/schemas.ts'

export const paymentId = idSchema('sbx')

/** Maximum number of refunds of a payment. */
export const MOST_REFUNDS = 100

/** The caller's own ID of a payment or a refund. */
const reference = z.string().regex(/^[\w-]{1,64}$/, 'Must be 1 to 64 letters, digits or any of _ -')

const positiveMoney = moneySchema.extend({ amount: moneySchema.shape.amount.min(1) })

export const newPayment = z.object({ reference, amount: positiveMoney, method: paymentMethodId })

/** An amount in minor units of the payment's currency. */
const partialAmount = z.int().min(1)

export const newRefund = z.object({ reference, amount: partialAmount })

export const newCapture = z.object({
  amount: partialAmount.optional().describe('The authorised amount by default')
})

const states = ['pending', 'authorised', 'declined', 'captured', 'voided'] as const

export const payment = z.object({
  id: paymentId,
  reference,
  state: z.enum(states),
  reason: z.string().optional().describe('Why the payment was declined'),
  amount: moneySchema,
  captured: z.int().min(0),
  refunds: z.array(newRefund).max(MOST_REFUNDS),
  createdAt: z.iso.datetime(),
  changedAt: z.iso.datetime()
})

export type NewPayment = z.infer<typeof newPayment>
export type NewRefund = z.infer<typeof newRefund>

/** A payment as the API shows it. */
export type Payment = z.infer<typeof payment>
