import { textSchema } from './text.ts'

/** Maximum length of a SKU, in UTF-16 units. */
const LONGEST_SKU = 255

/**
 * The schema of a SKU, which it trims. A valid SKU can be stored and can be a segment of a path: it has no NUL and no unpaired surrogate,
 * and is not `.` or `..`.
 */
export const skuSchema = textSchema(LONGEST_SKU)
  .regex(/^(?!\.{1,2}$)/, "Can't be dots alone")
  .meta({ id: 'Sku', examples: ['MUG-BLUE'] })
