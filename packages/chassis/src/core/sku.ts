import { textSchema } from './text.ts'

/** The most characters of a SKU, in UTF-16 units. */
const LONGEST_SKU = 255

/** A SKU, trimmed. It can be stored and be a segment of a path: it has no NUL, no unpaired surrogate, and is not dots alone. */
export const skuSchema = textSchema(LONGEST_SKU)
  .regex(/^(?!\.{1,2}$)/, "Can't be dots alone")
  .meta({ id: 'Sku', examples: ['MUG-BLUE'] })
