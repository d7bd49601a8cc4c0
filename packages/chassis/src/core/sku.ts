import * as z from 'zod'

/** The most characters of a SKU, in UTF-16 units. */
const LONGEST_SKU = 255

/** A SKU, trimmed. It can be stored and be a segment of a path: it has no NUL, no unpaired surrogate, and is not dots alone. */
export const skuSchema = z
  .string()
  .trim()
  .min(1)
  .max(LONGEST_SKU)
  .regex(/^[^\0\ud800-\udfff]*$/u, 'Must be well-formed text without NUL')
  .regex(/^(?!\.{1,2}$)/, "Can't be dots alone")
  .meta({ id: 'Sku', examples: ['MUG-BLUE'] })
