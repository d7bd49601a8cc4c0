import { idSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

export const paymentMethodId = idSchema('pm')

export const card = z.object({
  number: z.string().regex(/^\d{12,19}$/, 'Must be 12 to 19 digits'),
  expiry: z.object({ month: z.int().min(1).max(12), year: z.int().min(2000).max(2099) }),
  cvc: z.string().regex(/^\d{3,4}$/, 'Must be 3 or 4 digits')
})

/** The fields of a card that the API shows. */
export const paymentMethod = z.object({ id: paymentMethodId, brand: z.string(), last4: z.string() })

export type Card = z.infer<typeof card>
export type PaymentMethod = z.infer<typeof paymentMethod>
