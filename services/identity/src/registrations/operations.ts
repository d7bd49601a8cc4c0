import { operation } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { customer, email } from '../accounts/schemas.ts'
import { confirmation, registration, registrationMail } from './schemas.ts'

/** The limit for one client, which may be an office behind one address. */
const PER_CLIENT = { calls: 60, seconds: 60 }

/** Starts a registration. Only the mail shows whether the address has an account; the answer does not. */
export const register = operation({
  id: 'register',
  method: 'post',
  path: '/registrations',
  summary: 'Start a registration: a code goes to the address',
  callers: ['public'],
  body: z.object({ email }),
  example: { email: 'ada@example.com' },
  perClient: PER_CLIENT,
  answers: { 202: { description: 'The registration, to be confirmed within an hour', body: registration } }
})

/** Returns the content of the mail, for the service that mails and for staff until there is one. Returns 404 after an hour. */
export const getRegistration = operation({
  id: 'getRegistration',
  method: 'get',
  path: '/registrations/{id}',
  summary: 'Get the code of a registration, and whether the address has an account',
  callers: ['staff', 'service:marketing'],
  params: registration,
  answers: { 200: { description: 'The content of the mail', body: registrationMail } }
})

/**
 * Creates the account. A repeated request gets the same account, which keeps its first password. Returns 404 for a wrong code, and 409 if
 * the address has an account. Returns 400 for a password that is too short, too long or too common.
 */
export const confirmRegistration = operation({
  id: 'confirmRegistration',
  method: 'put',
  path: '/registrations/{id}/confirmation',
  summary: 'Confirm the address with the code, and choose the password',
  callers: ['public'],
  params: registration,
  body: confirmation,
  perClient: PER_CLIENT,
  answers: { 200: { description: 'The account', body: customer } }
})

export const registrationOperations = [register, getRegistration, confirmRegistration]
