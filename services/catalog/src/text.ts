import * as z from 'zod'

/**
 * Text of 1 to `most` UTF-16 units, without outer white space. NUL and halves of surrogate pairs are refused: they would not
 * survive storing and exports.
 */
export const text = (most: number) => anyText(most).trim().min(1)

/** The same as it came, which may be empty. */
export const anyText = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[^\0\ud800-\udfff]*$/u, 'Must be well-formed text without NUL')

/** A name that staff gives to an attribute or an option. `__proto__` is none: as a key of an object it would set its prototype. */
const nameText = (most: number) => text(most).refine(name => name !== '__proto__', 'Is no name')

/** As long as Shopify's longest names of metafields, and more. */
export const attributeName = nameText(512)

export const optionName = nameText(255)
