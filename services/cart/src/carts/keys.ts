import { createHash } from 'node:crypto'

/** The hash tag of all keys. It puts them into one slot of Redis, so that a script may use several of them. */
export const TAG = '{cart}'

/** The key of a cart. */
export const cartKey = (id: string) => `${TAG}:${id}`

/** All keys of a cart: the cart, its lines, and the requests that it remembers. */
export const keysOfCart = (id: string) => [cartKey(id), `${cartKey(id)}:lines`, `${cartKey(id)}:requests`]

/** The key with the ID of a customer's cart. */
export const customerKey = (customer: string) => `${TAG}:of:${customer}`

/** The key that marks a customer as erased. */
export const erasedKey = (customer: string) => `${TAG}:erased:${customer}`

/** The keys of a network's guest carts: those that never had a line, and all others. */
export const networkKeys = (network: string) => ['empty', 'filled'].map(kind => `${TAG}:network:${network}:${kind}`)

/**
 * The name of a network in keys: a digest of its address, so that nobody reads addresses in the store. Somebody who tries all addresses
 * can still find it. Requests without an address did not come through the gateway; they count as one network.
 */
export const networkOf = (address = '') => createHash('sha256').update(address).digest('base64url').slice(0, 22)
