import type { Caller } from '@bulkhead/chassis/caller'

/** The ID of a customer; '' for anyone else: to a cart, staff and services are guests. */
export const customerOf = (caller: Caller) =>
  caller.kind === 'person' && caller.roles.includes('customer') ? caller.id : ''
