import * as z from 'zod'

/** A password that somebody chooses: only its length counts (NIST SP 800-63B, section 5.1.1.2). A code point is one character. */
export const newPassword = z
  .string()
  .min(8)
  .max(128)
  .refine(text => [...text].length >= 8, 'Must be 8 characters or more')

/** A password that is checked: any text. */
export const password = z.string().min(1).max(128)
