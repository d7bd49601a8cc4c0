import { hasHash, type RefreshToken } from './refresh-token.ts'

/** A session as it is stored, with hashes of the secrets of its current refresh token. */
export type Session = {
  _id: string
  account: string
  /** The epoch of the account at the start of the session. */
  epoch: number
  family: string
  turn: string
  /** The previous token, which the current token replaced. */
  last?: { turn: string; salt: string; at: Date }
  createdAt: Date
  expiresAt: Date
  /** The time of the sign-out. */
  endedAt?: Date
}

/**
 * The relation of a token to its session.
 * - `current`: the token can be replaced.
 * - `retried`: the token was replaced a moment ago. Its sender gets the same successor again.
 * - `reused`: the token was replaced earlier, so two clients have it, and one of them is a thief.
 * - `over`: the session has ended.
 * - `forged`: the token never belonged to the session.
 */
export type TokenStatus = 'current' | 'retried' | 'reused' | 'over' | 'forged'

/** How long a token that was just replaced gets the same successor again (ms). */
export const RETRY_MS = 30_000

export function getTokenStatus({ family, turn }: RefreshToken, session: Session, now: Date): TokenStatus {
  if (!hasHash(family, session.family)) return 'forged'
  if (session.endedAt || session.expiresAt <= now) return 'over'
  if (hasHash(turn, session.turn)) return 'current'
  const { last } = session
  const isRetry = last && hasHash(turn, last.turn) && now.getTime() - last.at.getTime() <= RETRY_MS
  return isRetry ? 'retried' : 'reused'
}
