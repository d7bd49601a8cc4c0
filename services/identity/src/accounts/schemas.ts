import { idSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

export const customerId = idSchema('cus')
export const staffId = idSchema('stf')
export const registrationId = idSchema('reg')

/** An address of mail (RFC 5321 has 254 bytes at most). Capitals make no other one. */
export const email = z.email().max(254).toLowerCase()

/** One that is chosen: by length, and no rules of letters and digits (NIST SP 800-63B, section 5.1.1.2). A code point is a character. */
export const newPassword = z
  .string()
  .min(8)
  .max(128)
  .refine(text => [...text].length >= 8, 'Must be 8 characters or more')

/** One that is asked for: whatever was typed. */
export const password = z.string().min(1).max(128)

export const refreshToken = z.string().min(1).max(200)

export const customer = z.object({
  id: customerId,
  version: z.int().min(1),
  email: z.string(),
  createdAt: z.iso.datetime()
})

export const staffMember = customer.extend({ id: staffId })

/** What signing in and refreshing give. The refresh token is in the body for who asked for that, else in a cookie. */
export const tokens = z.object({
  accessToken: z.string(),
  tokenType: z.literal('Bearer'),
  /** Seconds. */
  expiresIn: z.int(),
  refreshToken: z.string().optional()
})

/** What a service did: it holds nothing of the customer, or only what names nobody, such as orders that the law has it keep. */
export const outcome = z.enum(['deleted', 'anonymised'])

const report = z.object({ service: z.string(), outcome, at: z.iso.datetime() })

export const erasure = z.object({
  customerId,
  erasedAt: z.iso.datetime(),
  /** The customer, or the member of staff who did it. */
  erasedBy: z.string(),
  reports: z.array(report)
})

export type Outcome = z.infer<typeof outcome>
