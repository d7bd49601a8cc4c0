import { idSchema, moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { refund } from '../refunds/schemas.ts'

export const orderId = idSchema('ord')
export const paymentId = idSchema('pay')

/** Returns the payment's ID. It has the characters of the order's ID, so an order can never have two payments. */
export const paymentIdOf = (orderId: string) => `pay_${orderId.slice('ord_'.length)}`

/** Returns the order's ID, as the reverse of `paymentIdOf`. */
export const orderIdOf = (paymentId: string) => `ord_${paymentId.slice('pay_'.length)}`

export const states = ['authorising', 'pending', 'authorised', 'declined', 'captured', 'voided', 'refunded'] as const

export type State = (typeof states)[number]

/** Returns true if money was captured, even if it has been refunded since. */
export const isCaptured = (state: State) => state === 'captured' || state === 'refunded'

export const newPayment = z.object({
  method: z.string().regex(/^pm_\w{1,64}$/, "Must be the provider's ID of a payment method, pm_...")
})

/** The amount is in minor units of the payment's currency. */
export const newCapture = z.object({
  amount: z.int().min(1).optional().describe('The whole authorised amount by default')
})

/** The next step that the customer must take at the provider. */
const action = z.object({ id: z.string(), url: z.url().optional() })

export const payment = z.object({
  id: paymentId,
  orderId,
  state: z.enum(states),
  amount: moneySchema
    .optional()
    .describe('The amount to authorise. Missing if the payment was voided before it was requested'),
  captured: z.int().min(0),
  refunded: z.int().min(0),
  refunds: z.array(refund),
  reason: z.string().optional().describe('Why it was declined'),
  action: action.optional(),
  provider: z.string(),
  createdAt: z.iso.datetime(),
  version: z.int().min(1)
})

/** A payment as the API shows it. */
export type Payment = z.infer<typeof payment>
