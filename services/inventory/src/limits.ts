/** Pieces of one SKU on hand at most, and in one adjustment. */
export const MOST_STOCK = 1_000_000_000
/** Pieces of one SKU in a reservation at most. */
export const MOST_PIECES = 1_000_000
/** SKUs of a reservation at most. */
export const MOST_LINES = 100
/** Bytes of a reservation as JSON at most: each character of its SKUs can take six. */
export const RESERVATION_BYTES = 256 * 1024
/** Holds of one SKU at most: they are all in its document, which has 200 bytes for each. */
export const MOST_HOLDS = 1_000
/** Up to so many pieces on hand, no share of them limits a network. A network's only hold may always be as large. */
export const PIECES_WITHOUT_SHARE = 10
/** Characters of a buyer's or a network's key at most. */
export const LONGEST_KEY = 64
export const LONGEST_SKU = 255
/** How often a write is tried while others change the same document. */
export const ATTEMPTS = 20
