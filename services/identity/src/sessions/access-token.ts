import { randomUUID } from 'node:crypto'
import type { Clock } from '@bulkhead/chassis/core'
import { SignJWT } from 'jose'
import { roleOf } from '../accounts/store.ts'
import type { KeyRing } from '../keys/store.ts'
import { ACCESS_MS } from '../limits.ts'

type Options = { keys: Pick<KeyRing, 'signer'>; clock: Clock; issuer: string }

export type AccessTokens = ReturnType<typeof accessTokens>

/** Makes what signs a person's access token (RFC 9068), as the chassis verifies it. */
export const accessTokens =
  ({ keys, clock, issuer }: Options) =>
  async (account: string): Promise<string> => {
    const { kid, key } = keys.signer()
    const now = clock.now().getTime()
    return new SignJWT({ roles: [roleOf(account)], jti: randomUUID() })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt' })
      .setIssuer(issuer)
      .setAudience('bulkhead')
      .setSubject(account)
      .setIssuedAt(Math.floor(now / 1_000))
      .setExpirationTime(Math.floor((now + ACCESS_MS) / 1_000))
      .sign(key)
  }
