import type { Trace } from '@bulkhead/chassis/contract'
import { Problem } from '@bulkhead/chassis/core'
import type { ClientNetwork } from '@bulkhead/chassis/http'
import type { Accounts } from '../accounts/store.ts'
import type { Subject } from '../attempts/store.ts'
import type { PasswordCheck } from '../passwords/check.ts'
import type { SignAccessToken } from './access-token.ts'
import { formatToken } from './refresh-token.ts'
import type { OpenSession, Sessions } from './store.ts'

type Deps = {
  accounts: Accounts
  sessions: Sessions
  checkPassword: PasswordCheck
  signAccessToken: SignAccessToken
}

type SignIn = {
  email: string
  password: string
  /** A refresh token from an earlier sign-in of the caller. Its session may be over. */
  earlierToken: string | undefined
  client: ClientNetwork
}

/** The access token, the refresh token, and the end of the session. */
export type SignedIn = { accessToken: string; refreshToken: string; expiresAt: Date }

export type Authentication = {
  /**
   * Signs an account in. Throws a 401 for an unknown address and for a wrong password. Throws a 429 after many failures or while many
   * checks of the client wait, and a 503 while many checks wait in all.
   */
  signIn(request: SignIn): Promise<SignedIn>
  /** Replaces a refresh token. Throws a 401 for an invalid token, and after the account signed out everywhere or was erased. */
  refresh(token: string | undefined): Promise<SignedIn>
  signOutEverywhere(account: string, trace: Trace): Promise<void>
}

/** Signs accounts in, keeps them signed in, and signs them out everywhere. */
export function authenticator({ accounts, sessions, checkPassword, signAccessToken }: Deps): Authentication {
  const issueTokens = async ({ token, session }: OpenSession): Promise<SignedIn> => ({
    accessToken: await signAccessToken(session.account),
    refreshToken: formatToken(token),
    expiresAt: session.expiresAt
  })

  /** Returns the ID of the caller's own earlier session of this account, if it is in the account's current epoch. */
  async function findEarlierSession({ email, earlierToken }: SignIn): Promise<string | undefined> {
    const earlier = await sessions.find(earlierToken)
    const owner = earlier && (await accounts.byId(earlier.session.account))
    const isOwn = earlier && owner?.email === email && owner.epoch === earlier.session.epoch
    return isOwn ? earlier.session._id : undefined
  }

  return {
    async signIn(request) {
      const { email, password, client } = request
      const earlierSession = await findEarlierSession(request)
      const account = await checkPassword({
        findAccount: () => accounts.byEmail(email),
        password,
        subjects: subjectsOf(request, earlierSession),
        client
      })
      if (!account) throw wrongCredentials()
      return issueTokens(await sessions.begin(account, earlierSession))
    },

    async refresh(token) {
      const open = await sessions.rotate(token)
      const account = open && (await accounts.byId(open.session.account))
      if (!open || account?.epoch !== open.session.epoch) throw sessionOver()
      return issueTokens(open)
    },

    async signOutEverywhere(account, trace) {
      await accounts.signOutEverywhere(account, trace)
      // If the process is killed before this line, sessions of an earlier epoch stay; they are over too.
      await sessions.endAllOf(account)
    }
  }
}

/**
 * Returns the subjects that must wait after a failed sign-in. The failures of a caller with an earlier session count only for that session,
 * so failures of others do not keep the owner out.
 */
function subjectsOf({ email, client }: SignIn, earlierSession: string | undefined): Subject[] {
  if (earlierSession !== undefined) return [{ kind: 'session', name: earlierSession }]
  const account: Subject = { kind: 'account', name: email }
  return client === undefined ? [account] : [account, { kind: 'address', name: client }]
}

const challenge = { headers: { 'WWW-Authenticate': 'Bearer' } }

const wrongCredentials = () => new Problem(401, 'wrong-credentials', 'The address or the password is wrong', challenge)

const sessionOver = () => new Problem(401, 'session-over', 'The session is over: sign in again', challenge)
