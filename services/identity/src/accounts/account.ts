import type { Versioned } from '@bulkhead/chassis/mongo'

/** An account as it is stored. The ID of a customer begins with `cus_`, the ID of a member of staff with `stf_`. */
export type Account = {
  id: string
  email: string
  /** The argon2id hash, a PHC string. */
  password: string
  /** How often the account signed out everywhere. A session of an earlier epoch is over. */
  epoch: number
  createdAt: Date
}

/** The role that an account's tokens name. */
export const roleOf = (id: string) => (id.startsWith('stf_') ? 'staff' : 'customer')

/** The account as the API answers it: without its password. */
export const withoutSecrets = ({ id, version, email, createdAt }: Versioned<Account>) => ({
  id,
  version,
  email,
  createdAt: createdAt.toISOString()
})
