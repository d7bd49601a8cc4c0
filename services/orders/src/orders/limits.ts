/** Lines of an order at most: catalog answers as many offers at once. */
export const MOST_LINES = 100
/** Pieces of a line at most. */
export const MOST_PIECES = 999
/** Refunds of an order at most. */
export const MOST_REFUNDS = 20
/** The total of an order at most, in minor units: what payments adds up of many orders stays exact, too. */
export const MOST_TOTAL = 10_000_000_000
/** Bytes of an order as JSON at most: each character of its SKUs can take six. */
export const ORDER_BYTES = 256 * 1024
