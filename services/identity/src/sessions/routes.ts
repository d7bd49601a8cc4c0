import type { Clock } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import { type Header, networkIn } from '../client-network.ts'
import { ACCESS_MS } from '../limits.ts'
import type { SignedIn, SigningIn } from './authentication.ts'
import { cookieIn, refreshCookie } from './cookie.ts'
import { refresh, signIn, signOut, signOutEverywhere } from './operations.ts'
import type { Sessions } from './store.ts'

type Deps = { signingIn: SigningIn; sessions: Sessions; clock: Clock }

export function sessionRoutes({ signingIn, sessions, clock }: Deps) {
  /** With the refresh token in the body where the caller has it from there, else in its cookie. */
  function shown<Status extends number>(
    status: Status,
    { accessToken, refreshToken, expiresAt }: SignedIn,
    inBody: boolean,
    header: Header
  ) {
    const body = { accessToken, tokenType: 'Bearer' as const, expiresIn: ACCESS_MS / 1_000 }
    const cookie = refreshCookie(
      refreshToken,
      expiresAt.getTime() - clock.now().getTime(),
      header('x-forwarded-prefix')
    )
    return {
      status,
      body: inBody ? { ...body, refreshToken } : body,
      headers: { 'Cache-Control': 'no-store', ...(!inBody && { 'Set-Cookie': cookie }) }
    }
  }

  return operations()
    .handle(signIn, async ({ body: { email, password, refresh, refreshToken }, header }) => {
      const earlier = refreshToken ?? cookieIn(header)
      const client = networkIn(header)
      return shown(201, await signingIn.signIn({ email, password, earlier, client }), refresh === 'body', header)
    })
    .handle(refresh, async ({ body: { refreshToken }, header }) => {
      const signedIn = await signingIn.refresh(refreshToken ?? cookieIn(header))
      return shown(200, signedIn, refreshToken !== undefined, header)
    })
    .handle(signOut, async ({ body: { refreshToken }, header }) => {
      await sessions.end(refreshToken ?? cookieIn(header))
      return { status: 204 }
    })
    .handle(signOutEverywhere, async ({ context }) => {
      const { caller } = context
      if (caller.kind === 'person') await signingIn.signOutEverywhere(caller.id, context)
      return { status: 204 }
    }).router
}
