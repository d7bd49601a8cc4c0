import { idSchema, moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

const methodId = idSchema('pm')
export const paymentId = idSchema('sbx')

/** Refunds of one payment. */
export const MOST_REFUNDS = 100

export const card = z.object({
  number: z.string().regex(/^\d{12,19}$/, 'Must be 12 to 19 digits'),
  expiry: z.object({ month: z.int().min(1).max(12), year: z.int().min(2000).max(2099) }),
  cvc: z.string().regex(/^\d{3,4}$/, 'Must be 3 or 4 digits')
})

/** What is left of a card. */
export const paymentMethod = z.object({ id: methodId, brand: z.string(), last4: z.string() })

export type PaymentMethod = z.infer<typeof paymentMethod>

/** The caller's own name of a payment or a refund. */
const reference = z.string().regex(/^[\w-]{1,64}$/, 'Must be 1 to 64 letters, digits or any of _ -')

const positiveMoney = moneySchema.extend({ amount: moneySchema.shape.amount.min(1) })

export const newPayment = z.object({ reference, amount: positiveMoney, method: methodId })

/** In minor units of the payment's currency. */
const part = z.int().min(1)

export const newRefund = z.object({ reference, amount: part })

export const capture = z.object({ amount: part.optional().describe('All that is authorised where none is given') })

const refund = z.object({ reference, amount: part })

const states = ['pending', 'authorised', 'declined', 'captured', 'voided'] as const

export const payment = z.object({
  id: paymentId,
  reference,
  state: z.enum(states),
  reason: z.string().optional().describe('Why it was declined'),
  amount: moneySchema,
  captured: z.int().min(0),
  refunds: z.array(refund).max(MOST_REFUNDS),
  createdAt: z.iso.datetime(),
  changedAt: z.iso.datetime()
})

export type Payment = z.infer<typeof payment>

/** How webhooks are delivered, so that tests have them late, doubled, out of order and lost. */
export const webhookBehaviour = z.object({
  delayMs: z.int().min(0).max(600_000).default(0),
  copies: z.int().min(1).max(5).default(1),
  shuffle: z.boolean().default(false).describe('Each copy waits up to two seconds more, at random'),
  lose: z.number().min(0).max(1).default(0).describe('The part of webhooks that is never sent')
})

export type WebhookBehaviour = z.infer<typeof webhookBehaviour>
