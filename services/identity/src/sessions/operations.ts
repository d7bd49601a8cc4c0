import { operation } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import {
  customer,
  customerId,
  email,
  erasure,
  newPassword,
  outcome,
  password,
  refreshToken,
  registrationId,
  staffId,
  staffMember,
  tokens
} from '../accounts/schemas.ts'

/** Limits for one client, which may be an office behind one address. A password costs its service a thread for tens of milliseconds. */
const REGISTERING = { calls: 60, seconds: 60 }
const SIGNING_IN = { calls: 120, seconds: 60 }
const REFRESHING = { calls: 600, seconds: 60 }

const credentials = { email, password: newPassword }
const held = z.object({ refreshToken: refreshToken.optional() })
const oneRegistration = z.object({ id: registrationId })
const oneCustomer = z.object({ id: customerId })

/** The keys that access tokens are signed with, those to come and those just past too. */
export const getKeys = operation({
  id: 'getKeys',
  method: 'get',
  path: '/.well-known/jwks.json',
  summary: 'The public keys of access tokens (RFC 7517)',
  callers: ['public'],
  answers: { 200: { description: 'A JWK set', body: z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }) } }
})

/** Begins a registration. The answer is the same whether the address has an account or not: only the reader of its mail learns that. */
export const register = operation({
  id: 'register',
  method: 'post',
  path: '/registrations',
  summary: 'Ask for an account; a code goes to the address',
  callers: ['public'],
  body: z.object({ email }),
  example: { email: 'ada@example.com' },
  perClient: REGISTERING,
  answers: { 202: { description: 'To be confirmed within an hour', body: z.object({ id: registrationId }) } }
})

/** What goes to the address: for the service that mails, and for staff where there is none. 404 when it is over. */
export const getRegistration = operation({
  id: 'getRegistration',
  method: 'get',
  path: '/registrations/{id}',
  summary: 'The code of a registration, and whether the address has an account',
  callers: ['staff', 'service:marketing'],
  params: oneRegistration,
  answers: {
    200: {
      description: 'What to mail',
      body: z.object({ id: registrationId, email: z.string(), code: z.string(), known: z.boolean() })
    }
  }
})

/**
 * Makes the account, once however often it is sent: the first password stays. 404 for a wrong code; 409 if the address has an account; 400
 * for a password that is too short, too long or too common.
 */
export const confirmRegistration = operation({
  id: 'confirmRegistration',
  method: 'put',
  path: '/registrations/{id}/confirmation',
  summary: 'Confirm the address with the code, and choose the password',
  callers: ['public'],
  params: oneRegistration,
  body: z.object({ code: z.string().max(100), password: newPassword }),
  perClient: REGISTERING,
  answers: { 200: { description: 'The account', body: customer } }
})

/**
 * 401 for an unknown address and for a wrong password alike; 429 with Retry-After after many failures or while many sign-ins of the client's
 * network wait; 503 with Retry-After while too many wait in all. The refresh token comes in a cookie; in the body for `refresh: "body"`.
 */
export const signIn = operation({
  id: 'signIn',
  method: 'post',
  path: '/sessions',
  summary: 'Sign in',
  callers: ['public'],
  cookie: 'refresh',
  body: held.extend({ email, password, refresh: z.enum(['cookie', 'body']).default('cookie') }),
  example: { email: 'customer@example.com', password: 'correct horse battery' },
  perClient: SIGNING_IN,
  answers: { 201: { description: 'Signed in', body: tokens } }
})

/** A new access token, and the successor of the refresh token. 401 for one that is no good. */
export const refresh = operation({
  id: 'refresh',
  method: 'post',
  path: '/sessions/refresh',
  summary: 'Get new tokens for a refresh token, from its cookie or the body',
  callers: ['public'],
  cookie: 'refresh',
  body: held,
  example: {},
  perClient: REFRESHING,
  answers: { 200: { description: 'The next tokens', body: tokens } }
})

/** Ends the session of the refresh token. Of one that is no good there is none to end, which is the same. */
export const signOut = operation({
  id: 'signOut',
  method: 'post',
  path: '/sessions/sign-out',
  summary: 'Sign out',
  callers: ['public'],
  cookie: 'refresh',
  body: held,
  example: {},
  answers: { 204: { description: 'Signed out', body: null } }
})

/** Ends all sessions of the caller. Access tokens are good until they expire. */
export const signOutEverywhere = operation({
  id: 'signOutEverywhere',
  method: 'post',
  path: '/sessions/sign-out-everywhere',
  summary: 'Sign out everywhere',
  callers: ['customer', 'staff'],
  answers: { 204: { description: 'Signed out', body: null } }
})

/** 404 for another customer. */
export const getCustomer = operation({
  id: 'getCustomer',
  method: 'get',
  path: '/customers/{id}',
  summary: "A customer's account: the caller's own, any for staff",
  callers: ['customer', 'staff'],
  params: oneCustomer,
  answers: { 200: { description: 'The account', body: customer } }
})

/** Customers give their password. 403 for a wrong one, 429 after many. Sent again, it is done. */
export const eraseCustomer = operation({
  id: 'eraseCustomer',
  method: 'delete',
  path: '/customers/{id}',
  summary: 'Erase a customer, here and in every service',
  callers: ['customer', 'staff'],
  params: oneCustomer,
  body: z.object({ password: password.optional() }),
  answers: { 202: { description: 'Erased here; each service reports when it has', body: erasure } }
})

export const getErasure = operation({
  id: 'getErasure',
  method: 'get',
  path: '/erasures/{id}',
  summary: 'An erasure, and which services reported it done',
  callers: ['staff'],
  params: oneCustomer,
  answers: { 200: { description: 'The erasure', body: erasure } }
})

/** Of several reports of one service the first stays. */
export const reportErasure = operation({
  id: 'reportErasure',
  method: 'put',
  path: '/erasures/{id}/reports',
  summary: 'Report that the calling service has erased a customer',
  callers: ['service:*'],
  params: oneCustomer,
  body: z.object({ outcome }),
  answers: { 204: { description: 'Noted', body: null } }
})

/** 409 where the address has an account of staff or of a customer. */
export const createStaff = operation({
  id: 'createStaff',
  method: 'post',
  path: '/staff',
  summary: 'Make an account for a member of staff',
  callers: ['staff'],
  body: z.object(credentials),
  answers: { 201: { description: 'The account', body: staffMember } }
})

export const getStaff = operation({
  id: 'getStaff',
  method: 'get',
  path: '/staff/{id}',
  summary: "A staff member's account",
  callers: ['staff'],
  params: z.object({ id: staffId }),
  answers: { 200: { description: 'The account', body: staffMember } }
})

export const allOperations = [
  ...[getKeys, register, getRegistration, confirmRegistration, signIn, refresh, signOut, signOutEverywhere],
  ...[getCustomer, eraseCustomer, getErasure, reportErasure, createStaff, getStaff]
]
