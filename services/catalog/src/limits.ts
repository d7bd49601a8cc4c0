/** The limits of a product: those of Shopify's format, so that what is imported can be edited. Lengths are in UTF-16 units. */
export const MOST_VARIANTS = 2048
export const MOST_MEDIA = 250
export const MOST_TAGS = 250
export const MOST_OPTIONS = 3
export const MOST_ATTRIBUTES = 1000
/** Of handles, titles, tags, SKUs and other names. */
export const LONGEST_NAME = 255
export const LONGEST_DESCRIPTION = 512 * 1024
export const LONGEST_ADDRESS = 2048
export const LONGEST_ALT = 512
export const LONGEST_SEO = 1000
export const LONGEST_ATTRIBUTE = 64 * 1024
/** Of its JSON, and of its rows in a file: a document of MongoDB has 16 MiB at most. */
export const PRODUCT_BYTES = 4 * 1024 * 1024
/** Variants that are asked for at once: as many as a cart or an order has lines. */
export const MOST_OFFERS = 100
/** Of an answer with as many offers, whose names are as long as can be: six bytes a character in JSON. */
export const OFFERS_BYTES = 2 * 1024 * 1024
/** Of the variants and prices that are read to answer it, as BSON. */
export const OFFER_READ_BYTES = 16 * 1024 * 1024
