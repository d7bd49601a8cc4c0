import { createHash } from 'node:crypto'

/** The hash tag of all keys, so that a script may touch several of them. */
export const TAG = '{cart}'

const cartKey = (id: string) => `${TAG}:${id}`

/** The keys of one cart: the cart, its lines, and the requests that added to it. */
export const keysOfCart = (id: string) => [cartKey(id), `${cartKey(id)}:lines`, `${cartKey(id)}:requests`]

/** The key by which a customer's cart is found. */
export const customerKey = (customer: string) => `${TAG}:of:${customer}`

/** The key of a customer who was erased, for whom no cart is made. */
export const erasedKey = (customer: string) => `${TAG}:erased:${customer}`

/** The keys of the guests' carts of a network: those that never had a line, and the others. */
export const networkKeys = (network: string) => ['empty', 'filled'].map(kind => `${TAG}:network:${network}:${kind}`)

/**
 * The name under which a network is kept, so that nobody reads addresses in the store. A digest of an address doesn't hide it from
 * somebody who tries all addresses. Requests without an address, which don't come from the gateway, are those of one network.
 */
export const networkOf = (address = '') => createHash('sha256').update(address).digest('base64url').slice(0, 22)
