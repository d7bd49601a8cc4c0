const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Maximum number of lines in a cart. Catalog returns at most this many offers in one call. */
export const MOST_LINES = 100

/** Maximum quantity of a line, in pieces. */
export const MOST_PIECES = 999

/** How long a cart is kept after its last change, in milliseconds. `empty` is for a guest's cart that never had a line. */
export const LIFETIME_MS = {
  empty: HOUR_MS,
  guest: 7 * DAY_MS,
  customer: 90 * DAY_MS
}

/** How long a cart with lines is unchanged before it counts as abandoned, in milliseconds. */
export const ABANDONED_MS = HOUR_MS

/** How many requests with an `Idempotency-Key` a cart remembers, and for how long after the last of them (ms). */
export const REMEMBERED_REQUESTS = { count: 50, ms: DAY_MS }

/** How long an erased customer gets no new cart, in milliseconds. It is longer than an access token is valid. */
export const ERASED_MS = HOUR_MS

/** Maximum `Retry-After` for a network with too many carts, in seconds. */
export const LONGEST_WAIT_SECONDS = 3_600
