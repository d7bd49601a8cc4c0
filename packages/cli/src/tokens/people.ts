import { join } from 'node:path'
import { hasPath } from '../services/needs.ts'
import { localUrl, type Service, type Stack } from '../services/stack.ts'
import { type DemoAccount, demoAccounts, jwksUrl, type Role } from './development-keys.ts'

/** The paths of the issuer of people's tokens: for its public keys and for signing in. */
const KEYS_PATH = '/.well-known/jwks.json'
const SESSIONS_PATH = '/sessions'
/** How long signing in may take (ms): twice a service's own limit, because sign-ins wait in a queue. */
const LIMIT = 20_000

type SignedIn = { accessToken: string; refreshToken: string }

/** Returns the service that issues tokens of people, which is the one that publishes keys in its API. Undefined if there is none. */
export const peopleIssuer = (stack: Stack): Service | undefined =>
  stack.services.find(({ name }) => hasPath(stack, name, KEYS_PATH))

/** Returns the URL of the public keys for tokens of people: the keys of the issuing service, else the runner's own keys. */
export function peopleJwks(stack: Stack): string {
  const issuer = peopleIssuer(stack)
  return issuer ? localUrl(issuer.ports.api) + KEYS_PATH : jwksUrl(join(stack.folder, 'keys'), 'people')
}

/** Returns a function that signs a demo account in, and ends the account's previous session. Its errors never contain a password. */
export function demoSignIn(stack: Stack, issuer: Service): (role: Role) => Promise<string> {
  const accounts = demoAccounts(join(stack.folder, 'keys'))
  const refreshTokens: Partial<Record<Role, string>> = {}
  return async role => {
    const signedIn = await signIn(issuer.name, localUrl(issuer.ports.api), accounts[role], refreshTokens[role])
    refreshTokens[role] = signedIn.refreshToken
    return signedIn.accessToken
  }
}

/** Signs a person in at the issuing service, which has this `name` and `address`. Ends the session of `refreshToken`, if given. */
export async function signIn(
  name: string,
  address: string,
  { email, password }: Pick<DemoAccount, 'email' | 'password'>,
  refreshToken?: string
): Promise<SignedIn> {
  const answer = await fetch(address + SESSIONS_PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password, refresh: 'body', refreshToken }),
    signal: AbortSignal.timeout(LIMIT)
  })
  const signedIn = (await answer.json()) as SignedIn & { title?: string }
  if (!answer.ok) throw new Error(`${name} refused to sign in ${email}: ${answer.status} ${signedIn.title}`)
  return signedIn
}
