import * as z from 'zod'

/** A new password. Only its length is limited (NIST SP 800-63B, section 5.1.1.2). A code point counts as one character. */
export const newPassword = z
  .string()
  .min(8)
  .max(128)
  .refine(text => [...text].length >= 8, 'Must be 8 characters or more')

/** A password to check: any text. */
export const password = z.string().min(1).max(128)
