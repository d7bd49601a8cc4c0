import { createHash } from 'node:crypto'

/** The hash tag of all keys. It puts all keys into one slot of Redis, because a script can only use the keys of one slot. */
export const TAG = '{cart}'

/** Returns the key of a cart. */
export const cartKey = (id: string) => `${TAG}:${id}`

/** Returns all keys of a cart: of the cart, of its lines, and of the requests that it remembers. */
export const keysOfCart = (id: string) => [cartKey(id), `${cartKey(id)}:lines`, `${cartKey(id)}:requests`]

/** The key of the carts with lines, sorted by the time of their last change. A cart leaves it once it is deleted or counted as abandoned. */
export const ACTIVE_KEY = `${TAG}:active`

/** Returns the key that stores the ID of a customer's cart. */
export const customerKey = (customer: string) => `${TAG}:of:${customer}`

/** Returns the key that marks a customer as erased. */
export const erasedKey = (customer: string) => `${TAG}:erased:${customer}`

/** Returns the two keys of a network's guest carts: for carts that never had a line, and for all others. */
export const networkKeys = (network: string) => ['empty', 'filled'].map(kind => `${TAG}:network:${network}:${kind}`)

/**
 * Returns the name of a network in keys: a digest of its address, so that the store shows no addresses. Anyone who tries all addresses can
 * still find the right one. Requests without an address did not come through the gateway; they count as one network.
 */
export const networkOf = (address = '') => createHash('sha256').update(address).digest('base64url').slice(0, 22)
