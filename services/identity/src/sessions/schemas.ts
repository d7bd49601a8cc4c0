import * as z from 'zod'

export const refreshToken = z.string().min(1).max(200)

export const tokens = z.object({
  accessToken: z.string(),
  tokenType: z.literal('Bearer'),
  /** Seconds. */
  expiresIn: z.int(),
  /** Missing if the refresh token is in a cookie. */
  refreshToken: z.string().optional()
})
