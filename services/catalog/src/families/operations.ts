import { operation, pageQuery, pageSchema } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { family, familyId, newFamily } from './schemas.ts'

const params = z.object({ id: familyId })

/** Maximum bytes of a request. 200 attributes with 200 choices of usual length do not fit into the default of 64 KiB. */
const FAMILY_LIMIT = 1024 * 1024

/** Creates a family. Returns 409 if another family has the name. */
export const createFamily = operation({
  id: 'createFamily',
  method: 'post',
  path: '/families',
  summary: 'Create a family of products',
  callers: ['staff'],
  body: newFamily,
  bodyLimit: FAMILY_LIMIT,
  answers: { 201: { description: 'The family', body: family } }
})

export const getFamily = operation({
  id: 'getFamily',
  method: 'get',
  path: '/families/{id}',
  summary: 'Get a family',
  callers: ['public'],
  params,
  answers: { 200: { description: 'The family', body: family }, 304: { description: 'Not modified', body: null } }
})

/** Lists families in the order of creation. If families are large, a page has fewer than `limit`. */
export const listFamilies = operation({
  id: 'listFamilies',
  method: 'get',
  path: '/families',
  summary: 'List all families',
  callers: ['public'],
  query: z.object(pageQuery),
  answers: { 200: { description: 'A page', body: pageSchema(family) } }
})

/** Replaces a family. Needs `If-Match`. The products of the family do not change, but their next edit must fit the new attributes. */
export const replaceFamily = operation({
  id: 'replaceFamily',
  method: 'put',
  path: '/families/{id}',
  summary: "Replace a family's name and attributes",
  callers: ['staff'],
  params,
  body: newFamily,
  bodyLimit: FAMILY_LIMIT,
  guarded: true,
  answers: { 200: { description: 'The family', body: family } }
})

export const familyOperations = [createFamily, getFamily, listFamilies, replaceFamily]
