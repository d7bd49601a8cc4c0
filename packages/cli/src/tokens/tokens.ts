import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { importJWK, type JWK, SignJWT } from 'jose'
import { Failure } from '../failure.ts'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { neededServices } from '../services/needs.ts'
import type { Stack } from '../services/stack.ts'
import { demoAccounts, developmentKey, ISSUERS, NAMESPACE, type Role } from './development-keys.ts'
import { demoSignIn, peopleIssuer } from './people.ts'

const SERVICE_TOKEN_LIFE = '1h'
const PERSON_TOKEN_LIFE = '24h'
const RENEWAL_INTERVAL = 600_000
/** How often the demo accounts are signed in (ms). Their tokens are valid for a quarter of an hour. */
const SIGN_IN_INTERVAL = 300_000
const ROLES: Role[] = ['customer', 'staff']

/** The folder with a service's tokens: a file for each service that it calls, named like that service. */
export const tokensFolder = (stack: Stack, service: string) => join(stack.folder, 'tokens/services', service)

/** The file with the token of a demo account. */
export const demoTokenFile = (stack: Stack, role: Role) => join(stack.folder, 'tokens/demo', role)

/** Reads the token of a demo account. Fails if the stack has never run. */
export function demoToken(stack: Stack, role: Role): string {
  const token = readOptionalFile(demoTokenFile(stack, role))
  if (token === undefined) throw new Failure('there are no demo tokens yet', 'Start the stack: make up')
  return token
}

/** Issues all tokens of a stack, and renews them long before they expire. Resolves with a function that stops this. */
export async function keepTokensFresh(stack: Stack, failed: (error: unknown) => void): Promise<() => void> {
  await issueTokens(stack)
  const renewal = setInterval(() => issueTokens(stack).catch(failed), RENEWAL_INTERVAL).unref()
  return () => clearInterval(renewal)
}

/**
 * Signs the demo accounts in, and repeats this before their tokens expire. Does nothing if no service of the stack issues tokens of people.
 * Calls `failed` for an error, and tries again a few minutes later. Resolves with a function that stops this.
 */
export async function keepSignedIn(stack: Stack, failed: (error: unknown) => void): Promise<() => void> {
  const issuer = peopleIssuer(stack)
  if (!issuer) return () => undefined
  const signIn = demoSignIn(stack, issuer)
  const all = () => Promise.all(ROLES.map(async role => keepToken(demoTokenFile(stack, role), await signIn(role))))
  await all().catch(failed)
  const renewal = setInterval(() => all().catch(failed), SIGN_IN_INTERVAL).unref()
  return () => clearInterval(renewal)
}

/** Issues each service a token for each service that it calls. Issues tokens of the demo accounts if no service issues those. */
export async function issueTokens(stack: Stack) {
  const keys = join(stack.folder, 'keys')
  const [peopleKey, servicesKey] = await Promise.all([developmentKey(keys, 'people'), developmentKey(keys, 'services')])
  const people = demoAccounts(keys)
  const personTokens = (peopleIssuer(stack) ? [] : ROLES).map(async role =>
    keepToken(demoTokenFile(stack, role), await personToken(peopleKey, people[role].id, role))
  )
  const serviceTokens = stack.services.flatMap(({ name }) =>
    neededServices(stack, name).map(async target =>
      keepToken(join(tokensFolder(stack, name), target), await serviceToken(servicesKey, name, target))
    )
  )
  await Promise.all([...personTokens, ...serviceTokens])
}

/** Issues an access token of a person (RFC 9068). */
export async function personToken(key: JWK, subject: string, role: Role): Promise<string> {
  return new SignJWT({ roles: [role], jti: randomUUID() })
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'at+jwt' })
    .setIssuer(ISSUERS.people)
    .setAudience('bulkhead')
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(PERSON_TOKEN_LIFE)
    .sign(await importJWK(key))
}

/** Issues a token like a projected service account token (kubernetes.io/docs, Service account token volume projection), for one target. */
async function serviceToken(key: JWK, service: string, target: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
    .setIssuer(ISSUERS.services)
    .setAudience([target])
    .setSubject(`system:serviceaccount:${NAMESPACE}:${service}`)
    .setIssuedAt()
    .setExpirationTime(SERVICE_TOKEN_LIFE)
    .sign(await importJWK(key))
}

const keepToken = (file: string, token: string) => replaceFile(file, token, 0o600)
