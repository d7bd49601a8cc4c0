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

/** The issuer of all tokens of a test's process, as the environment of a service's process that is to believe them. */
export const issuer = {
  PEOPLE_ISSUER: PEOPLE,
  PEOPLE_JWKS: `data:application/json,${encodeURIComponent(keys)}`,
  SERVICES_ISSUER: SERVICES,
  SERVICES_JWKS: `data:application/json,${encodeURIComponent(keys)}`,
  SERVICES_NAMESPACE: NAMESPACE
}

/** What `createApp` of the service of this name takes as `verify`. Whoever has no token is a guest. */
export const verifierFor = (service: string) =>
  tokenVerifier({
    service,
    people: { issuer: PEOPLE, jwks: issuer.PEOPLE_JWKS },
    services: { issuer: SERVICES, jwks: issuer.SERVICES_JWKS, namespace: NAMESPACE },
    log: silentLog
  })

/** A customer, a new one by default: its ID and its `Authorization` header, good for an hour. */
export function customer(id = newId('cus')) {
  return { id, header: personal(id, 'customer') }
}

/** A member of staff, likewise. */
export function staff(id = newId('stf')) {
  return { id, header: personal(id, 'staff') }
}

/** The `Authorization` header with which the service `name` calls `target`, and no other. */
export const service = (name: string, target: string) =>
  bearer({}, { iss: SERVICES, aud: [target], sub: `system:serviceaccount:${NAMESPACE}:${name}` })

const personal = (sub: string, role: 'customer' | 'staff') =>
  bearer({ typ: 'at+jwt' }, { iss: PEOPLE, aud: 'bulkhead', sub, roles: [role] })

/** A JWT (RFC 7519) in the compact serialization, signed with Ed25519 (RFC 8037). */
function bearer(header: object, claims: object) {
  const exp = Math.floor(Date.now() / 1000) + LIFE_SECONDS
  const text = [
    { ...header, alg: 'EdDSA', kid: KID },
    { ...claims, exp }
  ]
    .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `Bearer ${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`
}
