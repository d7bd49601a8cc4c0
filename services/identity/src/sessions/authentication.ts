import { type Context, Problem } from '@bulkhead/chassis/core'
import type { Accounts } from '../accounts/store.ts'
import type { Subject } from '../attempts/store.ts'
import { type Credentials, wrongCredentials } from '../passwords/check.ts'
import type { ClientNetwork } from '../passwords/queue.ts'
import type { AccessTokens } from './access-token.ts'
import { tokenText } from './refresh-token.ts'
import type { Held, Sessions } from './store.ts'

type Deps = { accounts: Accounts; sessions: Sessions; credentials: Credentials; accessToken: AccessTokens }

type Attempt = {
  email: string
  password: string
  /** A refresh token that the caller has from before, though its session may be over. */
  earlier: string | undefined
  client: ClientNetwork
}

/** What a caller gets: both tokens, and when the session ends. */
export type SignedIn = { accessToken: string; refreshToken: string; expiresAt: Date }

export type SigningIn = ReturnType<typeof signingIn>

/** Signing in, and staying so. */
export function signingIn({ accounts, sessions, credentials, accessToken }: Deps) {
  const signedIn = async ({ token, session }: Held): Promise<SignedIn> => ({
    accessToken: await accessToken(session.account),
    refreshToken: tokenText(token),
    expiresAt: session.expiresAt
  })

  /**
   * Who comes with a session of the account, as its owner's browser does, is counted by that session alone: others who fail don't keep
   * the owner out. Signing out everywhere, erasure and a stolen token take that away.
   */
  async function subjectsOf({ email, earlier, client }: Attempt): Promise<{ subjects: Subject[]; before?: string }> {
    const known = await sessions.known(earlier)
    const owner = known && (await accounts.byId(known.session.account))
    if (known && owner?.email === email && owner.epoch === known.session.epoch) {
      return { subjects: [{ kind: 'session', name: known.session._id }], before: known.session._id }
    }
    const ofClient: Subject[] = client === undefined ? [] : [{ kind: 'address', name: client }]
    return { subjects: [{ kind: 'account', name: email }, ...ofClient] }
  }

  return {
    /** 401 for an unknown address and a wrong password; 429 after many failures or while many of the client wait; 503 while many wait in all. */
    async signIn(attempt: Attempt): Promise<SignedIn> {
      const { email, password, client } = attempt
      const { subjects, before } = await subjectsOf(attempt)
      const account = await credentials.check({ account: () => accounts.byEmail(email), password, subjects, client })
      if (!account) throw wrongCredentials()
      return signedIn(await sessions.begin(account, before))
    },

    /** 401 for a token that is no good, or whose account was signed out everywhere or erased. */
    async refresh(text: string | undefined): Promise<SignedIn> {
      const held = await sessions.rotate(text)
      const account = held && (await accounts.byId(held.session.account))
      if (!held || account?.epoch !== held.session.epoch) throw sessionOver()
      return signedIn(held)
    },

    async signOutEverywhere(account: string, context: Context) {
      await accounts.signOutEverywhere(account, context)
      await sessions.endAllOf(account) // one that is left by a kill is of an epoch that is over
    }
  }
}

const sessionOver = () =>
  new Problem(401, 'session-over', 'The session is over: sign in again', { headers: { 'WWW-Authenticate': 'Bearer' } })
