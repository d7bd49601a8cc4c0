import * as z from 'zod'
import { paymentId } from '../payments/schemas.ts'

/** A movement of money with its two legs, in minor units. Their sum is 0. */
export const journalEntry = z.object({
  id: z.string(),
  paymentId,
  kind: z.enum(['capture', 'refund']),
  currency: z.string(),
  legs: z.array(z.object({ account: z.string(), amount: z.int() })).length(2),
  at: z.iso.datetime()
})

/** The sum of all legs of an account in one currency, in minor units. */
export const balance = z.object({ account: z.string(), currency: z.string(), amount: z.int() })

export type JournalEntry = z.infer<typeof journalEntry>
export type Balance = z.infer<typeof balance>
