import { hasHash, type RefreshToken } from './refresh-token.ts'

/** A session as it is stored, with hashes of the secrets of its current refresh token. */
export type Session = {
  _id: string
  account: string
  /** The epoch of the account when the session began. */
  epoch: number
  family: string
  turn: string
  /** The token that the current one replaced. */
  last?: { turn: string; salt: string; at: Date }
  createdAt: Date
  expiresAt: Date
  /** When the session was signed out. */
  endedAt?: Date
}

/**
 * The relation of a token to its session.
 * - `current`: it is to be replaced.
 * - `retried`: it was replaced a moment ago. Its sender gets the same successor again.
 * - `reused`: it was replaced earlier, so two clients have it, and one of them is a thief.
 * - `over`: the session has ended.
 * - `forged`: it never was a token of the session.
 */
export type TokenStatus = 'current' | 'retried' | 'reused' | 'over' | 'forged'

/** Milliseconds in which a token that was just replaced gives the same successor again. */
export const RETRY_MS = 30_000

export function getTokenStatus({ family, turn }: RefreshToken, session: Session, now: Date): TokenStatus {
  if (!hasHash(family, session.family)) return 'forged'
  if (session.endedAt || session.expiresAt <= now) return 'over'
  if (hasHash(turn, session.turn)) return 'current'
  const { last } = session
  const isRetry = last && hasHash(turn, last.turn) && now.getTime() - last.at.getTime() <= RETRY_MS
  return isRetry ? 'retried' : 'reused'
}
