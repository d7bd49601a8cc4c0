import * as z from 'zod'

/** Returns the schema of well-formed text of 1 to `max` UTF-16 units. The schema trims the text. */
export const textSchema = (max: number) => wellFormed(z.string().trim().min(1).max(max))

/** Returns a copy of `schema` that refuses NUL and unpaired surrogates, because stores and JSON parsers change them. */
export const wellFormed = (schema: z.ZodString) =>
  schema.regex(/^[^\0\ud800-\udfff]*$/u, 'Must be well-formed text without NUL')
