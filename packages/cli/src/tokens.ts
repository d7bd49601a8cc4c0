import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { importJWK, type JWK, SignJWT } from 'jose'
import { demoAccounts, developmentKey, ISSUERS, NAMESPACE, type Role } from './development-keys.ts'
import { Failure } from './failure.ts'
import { neededServices } from './needs.ts'
import { demoSignIn, peopleIssuer } from './people.ts'
import { replaceFile } from './replace-file.ts'
import type { Stack } from './stack.ts'
import { textOf } from './text-of.ts'

const SERVICE_TOKEN_LIFE = '1h'
const PERSON_TOKEN_LIFE = '24h'
const RENEWAL_INTERVAL = 600_000
/** A person's token that was got by signing in is good for a quarter of an hour. */
const SIGN_IN_INTERVAL = 300_000
const ROLES: Role[] = ['customer', 'staff']

/** The folder with a service's tokens: a file for each service it calls, named for it. */
export const tokensFolder = (stack: Stack, service: string) => join(stack.folder, 'tokens/services', service)

/** The file with the token of the demo customer or the demo member of staff. */
export const demoTokenFile = (stack: Stack, role: Role) => join(stack.folder, 'tokens/demo', role)

/** The token of a demo person. Fails when the stack has never run. */
export function demoToken(stack: Stack, role: Role): string {
  const token = textOf(demoTokenFile(stack, role))
  if (token === undefined) throw new Failure('there are no demo tokens yet', 'Start the stack: make up')
  return token
}

/** Issues all tokens of a stack now and, long before they expire, again. Returns what ends that. */
export async function keepTokensFresh(stack: Stack, failed: (error: unknown) => void): Promise<() => void> {
  await issueTokens(stack)
  const renewal = setInterval(() => issueTokens(stack).catch(failed), RENEWAL_INTERVAL).unref()
  return () => clearInterval(renewal)
}

/**
 * Signs the demo people in now and, before their tokens expire, again, where a service of the stack lets people do so. Returns what ends
 * that. Where they can't, `failed` is told, and it is tried again some minutes later.
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

/** Issues a token for each service that each service calls, and the two demo tokens of people where no service does. */
export async function issueTokens(stack: Stack) {
  const keys = join(stack.folder, 'keys')
  const [peopleKey, servicesKey] = await Promise.all([developmentKey(keys, 'people'), developmentKey(keys, 'services')])
  const people = demoAccounts(keys)
  const ofPeople = (peopleIssuer(stack) ? [] : ROLES).map(async role =>
    keepToken(demoTokenFile(stack, role), await personToken(peopleKey, people[role].id, role))
  )
  const ofServices = stack.services.flatMap(({ name }) =>
    neededServices(stack, name).map(async target =>
      keepToken(join(tokensFolder(stack, name), target), await serviceToken(servicesKey, name, target))
    )
  )
  await Promise.all([...ofPeople, ...ofServices])
}

/** An access token of a person (RFC 9068). */
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

/** What a projected service account token holds (kubernetes.io/docs, Service account token volume projection), for one callee only. */
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
