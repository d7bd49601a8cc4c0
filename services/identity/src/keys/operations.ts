import { operation } from '@bulkhead/chassis/contract'
import * as z from 'zod'

/** Returns the public keys of valid access tokens, and the public key that signs next. */
export const getKeys = operation({
  id: 'getKeys',
  method: 'get',
  path: '/.well-known/jwks.json',
  summary: 'Get the public keys of access tokens (RFC 7517)',
  callers: ['public'],
  answers: { 200: { description: 'A JWK set', body: z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }) } }
})

export const keyOperations = [getKeys]
