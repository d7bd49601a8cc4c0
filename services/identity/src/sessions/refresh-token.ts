import { createHash, createHmac } from 'node:crypto'
import { isSameSecret, newSecret, newSecretId } from '@bulkhead/chassis/core'

/**
 * A refresh token, as the text `<session>.<family>.<turn>`. All tokens of a session share the secret `family`; each token has its own
 * `turn`. So a token that was replaced long ago differs from a forged token, and only a replaced token ends the session. The store has
 * hashes of both secrets.
 */
export type RefreshToken = { session: string; family: string; turn: string }

/** The number of random bytes of `newSecret`. */
const SECRET_BYTES = 16
const FORM = /^(ses_[0-7][0-9a-hjkmnp-tv-z]{25})\.([\w-]{22})\.([\w-]{22})$/

/** Returns the first token of a new session. */
export const newToken = (): RefreshToken => ({ session: newSecretId('ses'), family: newSecret(), turn: newSecret() })

/** Derives the next token, which is always the same for the same salt. The salt alone, as in the store, does not reveal the token. */
export const deriveSuccessor = ({ session, family, turn }: RefreshToken, salt: string): RefreshToken => ({
  session,
  family,
  turn: createHmac('sha256', turn).update(salt).digest().subarray(0, SECRET_BYTES).toString('base64url')
})

export const formatToken = ({ session, family, turn }: RefreshToken) => `${session}.${family}.${turn}`

/** Parses a token. Returns undefined for a text that does not have the form of a token. */
export function parseToken(text: string | undefined): RefreshToken | undefined {
  const [, session, family, turn] = FORM.exec(text ?? '') ?? []
  return session === undefined ? undefined : { session, family: family!, turn: turn! }
}

/** Hashes a secret. A secret has 128 random bits, so it needs no salt and no slow hash. */
export const hashSecret = (secret: string) => createHash('sha256').update(secret).digest('base64url')

export const hasHash = (secret: string, hash: string) => isSameSecret(hashSecret(secret), hash)
