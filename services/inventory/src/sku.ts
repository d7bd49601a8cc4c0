import * as z from 'zod'
import { LONGEST_SKU } from './limits.ts'

/** A SKU as catalog has them. Dots alone can't be part of a path. */
export const sku = z
  .string()
  .trim()
  .min(1)
  .max(LONGEST_SKU)
  .regex(/^[^\0\ud800-\udfff]*$/u, 'Must be well-formed text without NUL')
  .regex(/^(?!\.{1,2}$)/, "Can't be dots alone")
  .meta({ examples: ['MUG-BLUE'] })
