import { operation } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { newPassword } from '../passwords/schemas.ts'
import { customer, email, staffMember } from './schemas.ts'

/** Returns a customer. Returns 404 for another customer. */
export const getCustomer = operation({
  id: 'getCustomer',
  method: 'get',
  path: '/customers/{id}',
  summary: "Get a customer's account: the caller's own, or any for staff",
  callers: ['customer', 'staff'],
  params: customer.pick({ id: true }),
  answers: { 200: { description: 'The account', body: customer } }
})

/** Creates an account of staff. Returns 409 if the address already has an account of staff or of a customer. */
export const createStaff = operation({
  id: 'createStaff',
  method: 'post',
  path: '/staff',
  summary: 'Create an account for a member of staff',
  callers: ['staff'],
  body: z.object({ email, password: newPassword }),
  answers: { 201: { description: 'The account', body: staffMember } }
})

export const getStaff = operation({
  id: 'getStaff',
  method: 'get',
  path: '/staff/{id}',
  summary: 'Get the account of a member of staff',
  callers: ['staff'],
  params: staffMember.pick({ id: true }),
  answers: { 200: { description: 'The account', body: staffMember } }
})

export const accountOperations = [getCustomer, createStaff, getStaff]
