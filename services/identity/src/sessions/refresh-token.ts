import { createHash, createHmac } from 'node:crypto'
import { isSameSecret, newSecret, newSecretId } from '@bulkhead/chassis/core'

/**
 * A refresh token, as text `<session>.<family>.<turn>`. All tokens of a session share the secret `family`; `turn` is the token's own. So a
 * token that was replaced long ago differs from a forged one, and only the former ends the session. The store has hashes of both secrets.
 */
export type RefreshToken = { session: string; family: string; turn: string }

/** As many as `newSecret` has. */
const SECRET_BYTES = 16
const FORM = /^(ses_[0-7][0-9a-hjkmnp-tv-z]{25})\.([\w-]{22})\.([\w-]{22})$/

/** The first token of a new session. */
export const newToken = (): RefreshToken => ({ session: newSecretId('ses'), family: newSecret(), turn: newSecret() })

/** Derives the next token: always the same one for the same salt. The salt alone, as in the store, is of no use. */
export const deriveSuccessor = ({ session, family, turn }: RefreshToken, salt: string): RefreshToken => ({
  session,
  family,
  turn: createHmac('sha256', turn).update(salt).digest().subarray(0, SECRET_BYTES).toString('base64url')
})

export const formatToken = ({ session, family, turn }: RefreshToken) => `${session}.${family}.${turn}`

/** Undefined for a text that does not have the form of a token. */
export function parseToken(text: string | undefined): RefreshToken | undefined {
  const [, session, family, turn] = FORM.exec(text ?? '') ?? []
  return session === undefined ? undefined : { session, family: family!, turn: turn! }
}

/** A secret has 128 random bits, so it needs no salt and no slow hash. */
export const hashSecret = (secret: string) => createHash('sha256').update(secret).digest('base64url')

export const hasHash = (secret: string, hash: string) => isSameSecret(hashSecret(secret), hash)
