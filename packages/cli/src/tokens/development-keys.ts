import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { newId } from '@bulkhead/chassis/core'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'

/** The local issuers of tokens: `people` replaces the identity service, `services` the cluster's issuer of service account tokens. */
export type Issuer = 'people' | 'services'

/** The Kubernetes namespace in local service tokens. */
export const NAMESPACE = 'bulkhead'

/** The `iss` claim of each local issuer. */
export const ISSUERS: Record<Issuer, string> = { people: 'bulkhead-identity', services: 'bulkhead-local' }

/** Returns the private key of an issuer (Ed25519, RFC 8037). Creates it once, with a JWK set (RFC 7517) of the public key, in `folder`. */
export async function developmentKey(folder: string, issuer: Issuer): Promise<JWK> {
  const file = join(folder, `${issuer}.json`)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as JWK
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const publicJwk = await exportJWK(publicKey)
  const names = { kid: await calculateJwkThumbprint(publicJwk), alg: 'EdDSA', use: 'sig' }
  const privateJwk = { ...(await exportJWK(privateKey)), ...names }
  mkdirSync(folder, { recursive: true })
  writeFileSync(jwksFile(folder, issuer), JSON.stringify({ keys: [{ ...publicJwk, ...names }] }))
  writeFileSync(file, JSON.stringify(privateJwk), { mode: 0o600 })
  return privateJwk
}

/** Returns the `file:` URL of an issuer's public keys. */
export const jwksUrl = (folder: string, issuer: Issuer) => pathToFileURL(jwksFile(folder, issuer)).href

/** Returns a secret that services share. Creates it once, and keeps it in `folder`. */
export function developmentSecret(folder: string, name: string): string {
  const file = join(folder, `${name}.secret`)
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const secret = randomBytes(32).toString('base64url')
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, secret, { mode: 0o600 })
  return secret
}

/** The roles of people. */
export type Role = 'customer' | 'staff'

export type DemoAccount = { id: string; email: string; password: string }

/** The file with the array of demo accounts, in the format of BOOTSTRAP_ACCOUNTS_FILE. */
export const demoAccountsFile = (folder: string) => join(folder, 'demo-accounts.json')

/** Returns the demo customer and the demo member of staff. Creates them once, so that a demo cart still exists after a restart. */
export function demoAccounts(folder: string): Record<Role, DemoAccount> {
  const file = demoAccountsFile(folder)
  if (!existsSync(file)) {
    const account = (role: Role, prefix: string): DemoAccount => ({
      id: newId(prefix),
      email: `${role}@example.com`,
      password: randomBytes(9).toString('base64url')
    })
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, JSON.stringify([account('customer', 'cus'), account('staff', 'stf')]), { mode: 0o600 })
  }
  const [customer, staff] = JSON.parse(readFileSync(file, 'utf8')) as [DemoAccount, DemoAccount]
  return { customer, staff }
}

const jwksFile = (folder: string, issuer: Issuer) => join(folder, `${issuer}.jwks.json`)
