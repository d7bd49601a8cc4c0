import * as z from 'zod'
import { LONGEST_NAME } from './products/limits.ts'

/**
 * Text of 1 to `most` UTF-16 units, trimmed. It refuses NUL and unpaired surrogates, which do not survive storage and exports.
 */
export const text = (most: number) => wellFormed(z.string().trim().min(1).max(most))

/** Text of 0 to `most` UTF-16 units, as it came. It refuses NUL and unpaired surrogates. */
export const anyText = (most: number) => wellFormed(z.string().max(most))

const wellFormed = (schema: z.ZodString) =>
  schema.regex(/^[^\0\ud800-\udfff]*$/u, 'Must be well-formed text without NUL')

/** The name of an attribute or option as a value. */
const nameText = (most: number) => text(most).refine(isName, 'Is not allowed as a name')

/** The name of an attribute or option as a key. Keys are not trimmed, because two of them could become the same. */
const keyText = (most: number) =>
  anyText(most)
    .min(1)
    .refine(name => name === name.trim(), 'Has white space around it')
    .refine(isName, 'Is not allowed as a name')

/** As a key, `__proto__` would set the prototype of an object. */
const isName = (name: string) => name !== '__proto__'

/** Longer than Shopify's longest names of metafields. */
const LONGEST_ATTRIBUTE_NAME = 512

export const attributeName = nameText(LONGEST_ATTRIBUTE_NAME)
export const attributeKey = keyText(LONGEST_ATTRIBUTE_NAME)

export const optionName = nameText(LONGEST_NAME)
export const optionKey = keyText(LONGEST_NAME)
