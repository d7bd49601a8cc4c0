// The limits of Shopify's format, so that staff can edit each product that was imported. Lengths are in UTF-16 units.

export const MOST_VARIANTS = 2048
export const MOST_MEDIA = 250
export const MOST_TAGS = 250
export const MOST_OPTIONS = 3
export const MOST_ATTRIBUTES = 1000
/** Maximum length of handles, titles, tags, SKUs and other names. */
export const LONGEST_NAME = 255
export const LONGEST_DESCRIPTION = 512 * 1024
export const LONGEST_ADDRESS = 2048
export const LONGEST_ALT = 512
export const LONGEST_SEO = 1000
export const LONGEST_ATTRIBUTE = 64 * 1024
/** Maximum bytes of a product as JSON, and of its rows in a file. A document of MongoDB has at most 16 MiB. */
export const PRODUCT_BYTES = 4 * 1024 * 1024
