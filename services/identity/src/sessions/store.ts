import { type Clock, defineCounter, newSecret, register, unavailable } from '@bulkhead/chassis/core'
import type { Db } from 'mongodb'
import type { Registry } from 'prom-client'
import { removeAll } from '../removal.ts'
import { deriveSuccessor, hashSecret, newToken, parseToken, type RefreshToken } from './refresh-token.ts'
import { getTokenStatus, type Session, type TokenStatus } from './rotation.ts'

const reusedTokens = defineCounter({
  name: 'bulkhead_refresh_tokens_reused_total',
  help: 'Sessions that ended because a refresh token was used again: somebody has stolen it'
})

/** The metrics of sessions. */
export const sessionMetrics = [reusedTokens]

type Options = { db: Db; clock: Clock; registry: Registry }

/** A valid refresh token with its session. */
export type OpenSession = {
  token: RefreshToken
  session: Pick<Session, '_id' | 'account' | 'epoch' | 'expiresAt'>
}

type FoundSession = { token: RefreshToken; session: Session; status: TokenStatus }

export type Sessions = {
  /** Finds the session of a refresh token, even if the session is over. Returns undefined for an unknown or forged token. */
  find(token: string | undefined): Promise<FoundSession | undefined>
  /** Starts a session. It replaces the caller's session `replaced`, and the oldest session if the account has too many. */
  begin(account: { id: string; epoch: number }, replaced?: string): Promise<OpenSession>
  /**
   * Replaces a refresh token by its successor. Returns undefined for an invalid token. A token that was replaced longer ago ends its
   * session, because the service can't know whether the owner or a thief sent it. Throws a 503 if other requests keep changing the session.
   */
  rotate(token: string | undefined): Promise<OpenSession | undefined>
  /** Ends the session of a token. Keeps the session to recognise its owner at the next sign-in. */
  end(token: string | undefined): Promise<void>
  endAllOf(account: string): Promise<void>
  /** Removes sessions that are too old to recognise their owner. */
  sweep(): Promise<void>
}

const DAY_MS = 86_400_000
/** How long a session lasts, however often it is refreshed (ms; NIST SP 800-63B, section 4.1.3). */
export const SESSION_MS = 30 * DAY_MS
/** How long after its start a session recognises its owner, even if the session is over (ms). */
export const RECOGNITION_MS = 90 * DAY_MS
/** Maximum number of sessions of an account. A further sign-in removes the oldest session. */
export const MAX_SESSIONS = 20
/** Maximum number of surplus sessions that one sign-in removes. */
const MAX_REMOVED = 100
const MAX_TRIES = 20

/** Opens the store of sessions, one document each. The client with the newest refresh token of a session is signed in. */
export async function sessionStore({ db, clock, registry }: Options): Promise<Sessions> {
  const sessions = db.collection<Session>('sessions')
  await sessions.createIndex({ account: 1, createdAt: 1 })
  await sessions.createIndex({ createdAt: 1 })
  const reused = register(registry, reusedTokens)

  async function find(text: string | undefined) {
    const token = parseToken(text)
    const session = token && (await sessions.findOne({ _id: token.session }))
    if (!token || !session) return undefined
    const status = getTokenStatus(token, session, clock.now())
    return status === 'forged' ? undefined : { token, session, status }
  }

  /** Replaces a token in one conditional write. Of several requests with the same token, one replaces it, and the others get undefined. */
  async function replaceToken(token: RefreshToken, session: Session): Promise<RefreshToken | undefined> {
    const salt = newSecret()
    const next = deriveSuccessor(token, salt)
    const last = { turn: session.turn, salt, at: clock.now() }
    const { matchedCount } = await sessions.updateOne(
      { _id: session._id, turn: session.turn, endedAt: { $exists: false } },
      { $set: { turn: hashSecret(next.turn), last } }
    )
    return matchedCount === 1 ? next : undefined
  }

  async function removeSurplus(account: string, replaced: string | undefined) {
    const surplus = await sessions
      .find({ account })
      .sort({ createdAt: -1 })
      .skip(MAX_SESSIONS)
      .limit(MAX_REMOVED)
      .toArray()
    const ids = surplus.map(({ _id }) => _id)
    if (replaced) ids.push(replaced)
    if (ids.length > 0) await sessions.deleteMany({ _id: { $in: ids } })
  }

  return {
    find,

    async begin(account, replaced) {
      const token = newToken()
      const now = clock.now()
      const session: Session = {
        _id: token.session,
        account: account.id,
        epoch: account.epoch,
        family: hashSecret(token.family),
        turn: hashSecret(token.turn),
        createdAt: now,
        expiresAt: new Date(now.getTime() + SESSION_MS)
      }
      await sessions.insertOne(session)
      await removeSurplus(account.id, replaced)
      return { token, session }
    },

    async rotate(text) {
      for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
        const { token, session, status } = (await find(text)) ?? {}
        if (!token || !session || status === 'over') return undefined
        if (status === 'reused') {
          await sessions.deleteOne({ _id: session._id })
          reused.inc()
          return undefined
        }
        const next =
          status === 'retried' ? deriveSuccessor(token, session.last!.salt) : await replaceToken(token, session)
        if (next) return { token: next, session }
      }
      throw unavailable('The session')
    },

    async end(text) {
      const { session } = (await find(text)) ?? {}
      if (!session) return
      await sessions.updateOne({ _id: session._id }, { $set: { endedAt: clock.now() }, $unset: { last: '' } })
    },

    async endAllOf(account) {
      await sessions.deleteMany({ account })
    },

    sweep: () => removeAll(sessions, { createdAt: { $lt: new Date(clock.now().getTime() - RECOGNITION_MS) } })
  }
}
