import * as z from 'zod'

export const refreshToken = z.string().min(1).max(200)

export const tokens = z.object({
  accessToken: z.string(),
  tokenType: z.literal('Bearer'),
  /** How long the access token is valid, in seconds. */
  expiresIn: z.int(),
  /** The refresh token. It is missing if it is in a cookie. */
  refreshToken: z.string().optional()
})
