const DAY_MS = 86_400_000

/** Lines of a cart at most: catalog answers as many offers at once. */
export const MOST_LINES = 100
/** Pieces of a line at most. */
export const MOST_PIECES = 999
/** Milliseconds after a customer was erased that no cart is made for them: longer than their last token is good. */
export const ERASED_MS = 3_600_000
/** Milliseconds that a cart stays after its last change. */
export const LIFE = { guest: 7 * DAY_MS, customer: 90 * DAY_MS }
