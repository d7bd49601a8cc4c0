import * as z from 'zod'

/** Text of 1 to `max` UTF-16 units, trimmed and well-formed. */
export const textSchema = (max: number) => wellFormed(z.string().trim().min(1).max(max))

/** Refuses NUL and unpaired surrogates, which stores and JSON parsers change. */
export const wellFormed = (schema: z.ZodString) =>
  schema.regex(/^[^\0\ud800-\udfff]*$/u, 'Must be well-formed text without NUL')
