import { randomUUID } from 'node:crypto'
import type { Clock } from '@bulkhead/chassis/core'
import { SignJWT } from 'jose'
import { roleOf } from '../accounts/schemas.ts'
import { ACCESS_TOKEN_MS } from '../keys/schedule.ts'
import type { KeyRing } from '../keys/store.ts'

type Options = {
  keys: Pick<KeyRing, 'signingKey'>
  clock: Clock
  /** The claim `iss` of the tokens. */
  issuer: string
}

/** Signs the access token (RFC 9068) of the account with this ID. Throws a 503 while there is no key. */
export type SignAccessToken = (account: string) => Promise<string>

export const accessTokenSigner =
  ({ keys, clock, issuer }: Options): SignAccessToken =>
  async account => {
    const { kid, key } = keys.signingKey()
    const now = clock.now().getTime()
    return new SignJWT({ roles: [roleOf(account)], jti: randomUUID() })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt' })
      .setIssuer(issuer)
      .setAudience('bulkhead')
      .setSubject(account)
      .setIssuedAt(Math.floor(now / 1_000))
      .setExpirationTime(Math.floor((now + ACCESS_TOKEN_MS) / 1_000))
      .sign(key)
  }
