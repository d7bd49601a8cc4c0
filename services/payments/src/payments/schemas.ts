import { idSchema, moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

export const orderId = idSchema('ord')
const paymentId = idSchema('pay')
export const refundId = idSchema('rfd')

/** Refunds of one payment. */
export const MOST_REFUNDS = 100

export const states = ['authorising', 'pending', 'authorised', 'declined', 'captured', 'voided', 'refunded'] as const

export type State = (typeof states)[number]

/** In minor units of the payment's currency. */
const part = z.int().min(1)

export const newPayment = z.object({
  method: z.string().regex(/^pm_\w{1,64}$/, 'Must be the ID of a payment method of the provider, pm_...')
})

export const capture = z.object({ amount: part.optional().describe('All that is authorised where none is given') })

export const newRefund = z.object({ amount: part })

const refund = z.object({
  id: refundId.or(z.string()).describe('As the provider names it where it was made there'),
  amount: part,
  state: z.enum(['begun', 'done', 'refused'])
})

export type Refund = z.infer<typeof refund>

/** What the customer must do at the provider. */
const action = z.object({ id: z.string(), url: z.url().optional() })

export const payment = z.object({
  id: paymentId,
  orderId,
  state: z.enum(states),
  amount: moneySchema
    .optional()
    .describe('What was to be authorised; none where it was voided before it was asked for'),
  captured: z.int().min(0),
  refunded: z.int().min(0),
  refunds: z.array(refund),
  reason: z.string().optional().describe('Why it was declined'),
  action: action.optional(),
  provider: z.string(),
  createdAt: z.iso.datetime(),
  version: z.int().min(1)
})

export type Payment = z.infer<typeof payment>

/** A movement of money with both its legs, whose sum is 0. */
export const journalEntry = z.object({
  id: z.string(),
  paymentId,
  kind: z.enum(['capture', 'refund']),
  currency: z.string(),
  legs: z.array(z.object({ account: z.string(), amount: z.int() })).length(2),
  at: z.iso.datetime()
})

export const balance = z.object({ account: z.string(), currency: z.string(), amount: z.int() })
