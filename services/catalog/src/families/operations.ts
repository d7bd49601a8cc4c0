import { operation, page, paging } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { family, familyId, newFamily } from './schemas.ts'

const one = z.object({ id: familyId })

/** 200 attributes with 200 choices of usual length are more than the chassis's 64 KiB; of the longest they are a 413. */
const FAMILY_LIMIT = 1024 * 1024

/** 409 where another family has the name. */
export const createFamily = operation({
  id: 'createFamily',
  method: 'post',
  path: '/families',
  summary: 'Make a family of products',
  callers: ['staff'],
  body: newFamily,
  bodyLimit: FAMILY_LIMIT,
  answers: { 201: { description: 'The family', body: family } }
})

export const getFamily = operation({
  id: 'getFamily',
  method: 'get',
  path: '/families/{id}',
  summary: 'One family',
  callers: ['public'],
  params: one,
  answers: { 200: { description: 'The family', body: family }, 304: { description: 'Not modified', body: null } }
})

/** In the order of their making. Large families make a page shorter than `limit`. */
export const listFamilies = operation({
  id: 'listFamilies',
  method: 'get',
  path: '/families',
  summary: 'All families page by page',
  callers: ['public'],
  query: z.object(paging),
  answers: { 200: { description: 'A page', body: page(family) } }
})

/** Needs `If-Match`. Products stay as they are, and published; their next change must fit. */
export const replaceFamily = operation({
  id: 'replaceFamily',
  method: 'put',
  path: '/families/{id}',
  summary: "Replace a family's name and attributes",
  callers: ['staff'],
  params: one,
  body: newFamily,
  bodyLimit: FAMILY_LIMIT,
  guarded: true,
  answers: { 200: { description: 'The family', body: family } }
})

export const familyOperations = [createFamily, getFamily, listFamilies, replaceFamily]
