import { idSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

export const customerId = idSchema('cus')
export const staffId = idSchema('stf')

/** A mail address of at most 254 bytes (RFC 5321). Upper and lower case are the same address. */
export const email = z.email().max(254).toLowerCase()

export const customer = z.object({
  id: customerId,
  version: z.int().min(1),
  email: z.string(),
  createdAt: z.iso.datetime()
})

export const staffMember = customer.extend({ id: staffId })
