import { RETRY_MS } from '../limits.ts'
import { hasHash, type RefreshToken } from './refresh-token.ts'

/** A session as it is stored: hashes of the secrets of its tokens, and how the last token became the present one. */
export type Session = {
  _id: string
  account: string
  /** How often the account had been signed out everywhere when it began. */
  epoch: number
  family: string
  turn: string
  last?: { turn: string; salt: string; at: Date }
  createdAt: Date
  expiresAt: Date
  /** It was signed out. */
  endedAt?: Date
}

/**
 * What a token is to its session. `current`: it is to be replaced; `retried`: it was replaced a moment ago, and who sends it again gets the
 * same successor; `reused`: it was replaced, so two have it, of whom one is a thief; `over`: the session is; `forged`: it never was a token of it.
 */
export type Standing = 'current' | 'retried' | 'reused' | 'over' | 'forged'

export function standingOf({ family, turn }: RefreshToken, session: Session, now: Date): Standing {
  if (!hasHash(family, session.family)) return 'forged'
  if (session.endedAt || session.expiresAt <= now) return 'over'
  if (hasHash(turn, session.turn)) return 'current'
  const { last } = session
  const isRetry = last && hasHash(turn, last.turn) && now.getTime() - last.at.getTime() <= RETRY_MS
  return isRetry ? 'retried' : 'reused'
}
