import * as z from 'zod'
import { LONGEST_NAME } from './products/limits.ts'

/**
 * Text of 1 to `most` UTF-16 units, without outer white space. NUL and halves of surrogate pairs are refused: they would not
 * survive storing and exports.
 */
export const text = (most: number) => wellFormed(z.string().trim().min(1).max(most))

/** The same as it came, which may be empty. */
export const anyText = (most: number) => wellFormed(z.string().max(most))

const wellFormed = (schema: z.ZodString) =>
  schema.regex(/^[^\0\ud800-\udfff]*$/u, 'Must be well-formed text without NUL')

/** A name that staff gives to an attribute or an option. `__proto__` is none: as a key of an object it would set its prototype. */
const nameText = (most: number) => text(most).refine(isName, 'Is no name')

/** The same as a key of an object, where white space around it is refused: without it two keys could be the same. */
const keyText = (most: number) =>
  anyText(most)
    .min(1)
    .refine(name => name === name.trim(), 'Has white space around it')
    .refine(isName, 'Is no name')

const isName = (name: string) => name !== '__proto__'

/** As long as Shopify's longest names of metafields, and more. */
const LONGEST_ATTRIBUTE_NAME = 512

export const attributeName = nameText(LONGEST_ATTRIBUTE_NAME)
export const attributeKey = keyText(LONGEST_ATTRIBUTE_NAME)

export const optionName = nameText(LONGEST_NAME)
export const optionKey = keyText(LONGEST_NAME)
