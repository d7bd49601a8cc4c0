/** What a person may be. */
type Role = 'customer' | 'staff'

/**
 * Who asks. A person's `id` is `cus_...` or `stf_...`; a service's `name` is that of its service account, such as `orders`.
 * Callers are shared between requests and frozen.
 */
export type Caller =
  | { kind: 'anonymous' }
  | { kind: 'person'; id: string; roles: Role[] }
  | { kind: 'service'; name: string }

/** Who asks without a token. */
export const ANONYMOUS: Caller = Object.freeze({ kind: 'anonymous' })

/** The ID of a customer; undefined for anyone else, staff and services too. */
export const customerOf = (caller: Caller) =>
  caller.kind === 'person' && caller.roles.includes('customer') ? caller.id : undefined

export const isStaff = (caller: Caller) => caller.kind === 'person' && caller.roles.includes('staff')
