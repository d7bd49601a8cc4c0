/** The role of a person. */
type Role = 'customer' | 'staff'

/**
 * The caller of an operation. A person's `id` is `cus_...` or `stf_...`. A service's `name` is the name of its service account, such as
 * `orders`. Callers are frozen, because requests share them.
 */
export type Caller =
  | { kind: 'anonymous' }
  | { kind: 'person'; id: string; roles: Role[] }
  | { kind: 'service'; name: string }

/** A caller without a token. */
export const ANONYMOUS: Caller = Object.freeze({ kind: 'anonymous' })

/** Returns the ID of a caller with the role `customer`; undefined for any other caller. */
export const customerOf = (caller: Caller) =>
  caller.kind === 'person' && caller.roles.includes('customer') ? caller.id : undefined

/** Returns whether the caller is a person with the role `staff`. */
export const isStaff = (caller: Caller) => caller.kind === 'person' && caller.roles.includes('staff')
