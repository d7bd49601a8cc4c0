const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Lines of a cart at most: catalog answers as many offers at once. */
export const MOST_LINES = 100
/** Pieces of a line at most. */
export const MOST_PIECES = 999
/** Milliseconds after a customer was erased that no cart is made for them: longer than their last token is good. */
export const ERASED_MS = HOUR_MS
/** Milliseconds that a cart stays after its last change; `empty` is for a guest's cart that never had a line. */
export const LIFE = { empty: HOUR_MS, guest: 7 * DAY_MS, customer: 90 * DAY_MS }
/** Requests that added to a cart which it remembers by their keys, and milliseconds after the last of them that it does. */
export const REQUESTS = { most: 50, life: DAY_MS }
/** Seconds after which a network with too many carts is asked to try again at most. */
export const LONGEST_WAIT = 3_600
