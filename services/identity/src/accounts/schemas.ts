import { idSchema } from '@bulkhead/chassis/core'
import type { Versioned } from '@bulkhead/chassis/mongo'
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

/** An account as it is stored. The ID of a customer begins with `cus_`, the ID of a member of staff with `stf_`. */
export type Account = {
  id: string
  email: string
  /** The argon2id hash, a PHC string. */
  password: string
  /** The number of times that the account signed out everywhere. A session of an earlier epoch is over. */
  epoch: number
  createdAt: Date
}

/** Returns the role in the tokens of an account. */
export const roleOf = (id: string) => (id.startsWith('stf_') ? 'staff' : 'customer')

/** Returns an account as the API shows it, without its password. */
export const toAccount = ({ id, version, email, createdAt }: Versioned<Account>) => ({
  id,
  version,
  email,
  createdAt: createdAt.toISOString()
})
