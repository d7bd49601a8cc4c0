import { operation } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { email } from '../accounts/schemas.ts'
import { password } from '../passwords/schemas.ts'
import { refreshToken, tokens } from './schemas.ts'

/** The limits for one client, which may be an office behind one address. A sign-in occupies a thread for tens of milliseconds. */
const SIGNING_IN = { calls: 120, seconds: 60 }
const REFRESHING = { calls: 600, seconds: 60 }

/** The token in the body. If this field is missing, the token is in the cookie. */
const tokenBody = z.object({ refreshToken: refreshToken.optional() })

/**
 * Signs a person in. Returns the refresh token in a cookie, or in the body for `refresh: "body"`. Returns 401 for an unknown address and
 * for a wrong password. Returns 429 with Retry-After after many failures or while many sign-ins of the client's network wait. Returns 503
 * with Retry-After while too many sign-ins wait in all.
 */
export const signIn = operation({
  id: 'signIn',
  method: 'post',
  path: '/sessions',
  summary: 'Sign in',
  callers: ['public'],
  cookie: 'refresh',
  body: tokenBody.extend({ email, password, refresh: z.enum(['cookie', 'body']).default('cookie') }),
  example: { email: 'customer@example.com', password: 'correct horse battery' },
  perClient: SIGNING_IN,
  answers: { 201: { description: 'Signed in', body: tokens } }
})

/** Replaces the refresh token by its successor, and returns a new access token. Returns 401 for an invalid token. */
export const refresh = operation({
  id: 'refresh',
  method: 'post',
  path: '/sessions/refresh',
  summary: 'Exchange a refresh token, from its cookie or the body, for new tokens',
  callers: ['public'],
  cookie: 'refresh',
  body: tokenBody,
  example: {},
  perClient: REFRESHING,
  answers: { 200: { description: 'The next tokens', body: tokens } }
})

/** Ends the session of the refresh token. Returns 204 for an invalid token too, because it has no session to end. */
export const signOut = operation({
  id: 'signOut',
  method: 'post',
  path: '/sessions/sign-out',
  summary: 'Sign out',
  callers: ['public'],
  cookie: 'refresh',
  body: tokenBody,
  example: {},
  answers: { 204: { description: 'Signed out', body: null } }
})

/** Ends all sessions of the caller. Their access tokens stay valid until they expire. */
export const signOutEverywhere = operation({
  id: 'signOutEverywhere',
  method: 'post',
  path: '/sessions/sign-out-everywhere',
  summary: 'Sign out everywhere',
  callers: ['customer', 'staff'],
  answers: { 204: { description: 'Signed out', body: null } }
})

export const sessionOperations = [signIn, refresh, signOut, signOutEverywhere]
