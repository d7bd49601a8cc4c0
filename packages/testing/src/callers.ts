import { generateKeyPairSync, sign } from 'node:crypto'
import { tokenVerifier } from '@bulkhead/chassis/auth'
import { newId } from '@bulkhead/chassis/core'
import { silentLog } from './silent.ts'

const KID = 'test'
const LIFE_SECONDS = 3_600
const PEOPLE = 'test-people'
const SERVICES = 'test-services'
const NAMESPACE = 'test'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: KID, alg: 'EdDSA', use: 'sig' }] })

/** The variables with which a service trusts the tokens of this process of tests. */
export const issuer = {
  PEOPLE_ISSUER: PEOPLE,
  PEOPLE_JWKS: `data:application/json,${encodeURIComponent(keys)}`,
  SERVICES_ISSUER: SERVICES,
  SERVICES_JWKS: `data:application/json,${encodeURIComponent(keys)}`,
  SERVICES_NAMESPACE: NAMESPACE
}

/** Returns the `verify` of `createApp`. It accepts the tokens of this module for a service. A caller without a token is a guest. */
export const verifierFor = (service: string) =>
  tokenVerifier({
    service,
    people: { issuer: PEOPLE, jwks: issuer.PEOPLE_JWKS },
    services: { issuer: SERVICES, jwks: issuer.SERVICES_JWKS, namespace: NAMESPACE },
    log: silentLog
  })

/** Returns a customer, by default a new one: the ID, and an `Authorization` header that is valid for an hour. */
export function customer(id = newId('cus')) {
  return { id, header: personToken(id, 'customer') }
}

/** Returns a member of staff, with the same fields as a customer. */
export function staff(id = newId('stf')) {
  return { id, header: personToken(id, 'staff') }
}

/** Returns the `Authorization` header with which the service `name` calls `target`. Other targets refuse it. */
export const service = (name: string, target: string) =>
  bearer({}, { iss: SERVICES, aud: [target], sub: `system:serviceaccount:${NAMESPACE}:${name}` })

const personToken = (sub: string, role: 'customer' | 'staff') =>
  bearer({ typ: 'at+jwt' }, { iss: PEOPLE, aud: 'bulkhead', sub, roles: [role] })

/** Returns an `Authorization` header with a JWT (RFC 7519) in the compact serialization, signed with Ed25519 (RFC 8037). */
function bearer(header: object, claims: object) {
  const exp = Math.floor(Date.now() / 1000) + LIFE_SECONDS
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const content = `${encode({ ...header, alg: 'EdDSA', kid: KID })}.${encode({ ...claims, exp })}`
  const signature = sign(null, Buffer.from(content), privateKey).toString('base64url')
  return `Bearer ${content}.${signature}`
}
