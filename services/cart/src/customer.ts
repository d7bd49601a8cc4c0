import { type Caller, customerOf } from '@bulkhead/chassis/core'

/** The ID of a customer; '' for anyone else: to a cart, staff and services are guests. */
export const ownerOf = (caller: Caller) => customerOf(caller) ?? ''
