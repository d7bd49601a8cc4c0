import { textSchema, wellFormed } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { LONGEST_NAME } from './products/limits.ts'

/** Text of 0 to `most` UTF-16 units, unchanged. It refuses NUL and unpaired surrogates. */
export const anyText = (most: number) => wellFormed(z.string().max(most))

/** The name of an attribute or option, used as a value. */
const nameText = (most: number) => textSchema(most).refine(isName, 'Is not allowed as a name')

/** The name of an attribute or option, used as a key. Keys are not trimmed, because trimming could make two keys the same. */
const keyText = (most: number) =>
  anyText(most)
    .min(1)
    .refine(name => name === name.trim(), 'Has white space around it')
    .refine(isName, 'Is not allowed as a name')

/** Returns false for `__proto__`: as a key, it would set the prototype of an object. */
const isName = (name: string) => name !== '__proto__'

/** Maximum length of an attribute's name. It is longer than Shopify's longest names of metafields. */
const LONGEST_ATTRIBUTE_NAME = 512

export const attributeName = nameText(LONGEST_ATTRIBUTE_NAME)
export const attributeKey = keyText(LONGEST_ATTRIBUTE_NAME)

export const optionName = nameText(LONGEST_NAME)
export const optionKey = keyText(LONGEST_NAME)
