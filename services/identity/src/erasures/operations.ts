import { operation } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { customer } from '../accounts/schemas.ts'
import { password } from '../passwords/schemas.ts'
import { erasure, outcome } from './schemas.ts'

const oneCustomer = customer.pick({ id: true })

/**
 * Erases a customer. A customer must send the password; staff need not. Returns 403 for a wrong password, and 429 after many wrong
 * passwords. A repeated request gets the same erasure.
 */
export const eraseCustomer = operation({
  id: 'eraseCustomer',
  method: 'delete',
  path: '/customers/{id}',
  summary: 'Erase a customer, here and in every service',
  callers: ['customer', 'staff'],
  params: oneCustomer,
  body: z.object({ password: password.optional() }),
  answers: { 202: { description: 'Erased here; the other services report later', body: erasure } }
})

export const getErasure = operation({
  id: 'getErasure',
  method: 'get',
  path: '/erasures/{id}',
  summary: 'Get an erasure, and the reports of the services that have done their part',
  callers: ['staff'],
  params: oneCustomer,
  answers: { 200: { description: 'The erasure', body: erasure } }
})

/** Records the first report of a service, and ignores later ones. */
export const reportErasure = operation({
  id: 'reportErasure',
  method: 'put',
  path: '/erasures/{id}/reports',
  summary: 'Report that the calling service has erased a customer',
  callers: ['service:*'],
  params: oneCustomer,
  body: z.object({ outcome }),
  answers: { 204: { description: 'Recorded', body: null } }
})

export const erasureOperations = [eraseCustomer, getErasure, reportErasure]
