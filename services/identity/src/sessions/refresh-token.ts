import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { newSecretId } from '@bulkhead/chassis/core'

/**
 * A refresh token is `<session>.<family>.<turn>`: which session it is of, a secret that all tokens of the session share, and one of its
 * own. So a token that was good once is told apart from one that somebody made up, however many came between, and only the former ends
 * the session. Of both secrets the store has hashes alone.
 */
export type RefreshToken = { session: string; family: string; turn: string }

const SECRET_BYTES = 16
const FORM = /^(ses_[0-7][0-9a-hjkmnp-tv-z]{25})\.([\w-]{22})\.([\w-]{22})$/

/** The first token of a new session. */
export const newToken = (): RefreshToken => ({ session: newSecretId('ses'), family: newSecret(), turn: newSecret() })

/** What makes a token's successor, together with the token: of no use to who reads the store. */
export const newSalt = () => newSecret()

/** The token that follows, the same one each time it is made with `salt`. */
export const successor = ({ session, family, turn }: RefreshToken, salt: string): RefreshToken => ({
  session,
  family,
  turn: createHmac('sha256', turn).update(salt).digest().subarray(0, SECRET_BYTES).toString('base64url')
})

export const tokenText = ({ session, family, turn }: RefreshToken) => `${session}.${family}.${turn}`

/** Undefined for what is no refresh token by its form. */
export function readToken(text: string | undefined): RefreshToken | undefined {
  const [, session, family, turn] = FORM.exec(text ?? '') ?? []
  return session === undefined ? undefined : { session, family: family!, turn: turn! }
}

/** Of 128 random bits: needs no salt, and no slow hash. */
export const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url')

export const hasHash = (secret: string, hash: string) => timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(hash))

const newSecret = () => randomBytes(SECRET_BYTES).toString('base64url')
