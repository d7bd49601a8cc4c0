import { join } from 'node:path'
import { type DemoAccount, demoAccounts, jwksUrl, type Role } from './development-keys.ts'
import { hasPath } from './needs.ts'
import { localUrl, type Service, type Stack } from './stack.ts'

/** Where a service that issues tokens of people publishes its keys, and lets people sign in. */
const KEYS_PATH = '/.well-known/jwks.json'
const SESSIONS_PATH = '/sessions'
/** Signing in waits for its turn; twice as long as a service has for any answer. */
const LIMIT = 20_000

type SignedIn = { accessToken: string; refreshToken: string }

/** The service that issues tokens of people: the one whose contract says that it publishes keys. Undefined where none does. */
export const peopleIssuer = (stack: Stack): Service | undefined =>
  stack.services.find(({ name }) => hasPath(stack, name, KEYS_PATH))

/** The URL of the keys that tokens of people are signed with: the issuing service's, else the runner's own. */
export function peopleJwks(stack: Stack): string {
  const issuer = peopleIssuer(stack)
  return issuer ? localUrl(issuer.ports.api) + KEYS_PATH : jwksUrl(join(stack.folder, 'keys'), 'people')
}

/** Makes what signs demo people in, each in the place of the last time. It rejects with what the issuer answered, never with a password. */
export function demoSignIn(stack: Stack, issuer: Service): (role: Role) => Promise<string> {
  const accounts = demoAccounts(join(stack.folder, 'keys'))
  const earlier: Partial<Record<Role, string>> = {}
  return async role => {
    const signedIn = await signIn(issuer.name, localUrl(issuer.ports.api), accounts[role], earlier[role])
    earlier[role] = signedIn.refreshToken
    return signedIn.accessToken
  }
}

/** Signs a person in at the address of the service, by its name, that lets people do so, in the place of an earlier time where there was one. */
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
  if (!answer.ok) throw new Error(`${name} refuses to sign in ${email}: ${answer.status} ${signedIn.title}`)
  return signedIn
}
