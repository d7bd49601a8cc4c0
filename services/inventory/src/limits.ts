/** Pieces of one SKU on hand at most, and in one adjustment. */
export const MOST_STOCK = 1_000_000_000
/** Pieces of one SKU in a reservation at most. */
export const MOST_PIECES = 1_000_000
/** SKUs of a reservation at most. */
export const MOST_LINES = 100
/** Reservations in flight that hold the same SKU at most: its document has them all. */
export const MOST_HOLDS = 200
export const LONGEST_SKU = 255
/** How often a write is tried while others change the same document. */
export const ATTEMPTS = 20
