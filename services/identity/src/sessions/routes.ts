import type { Clock } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import { ACCESS_TOKEN_MS } from '../keys/schedule.ts'
import type { Authentication, SignedIn } from './authentication.ts'
import { readCookie, refreshCookie } from './cookie.ts'
import { refresh, signIn, signOut, signOutEverywhere } from './operations.ts'
import type { Sessions } from './store.ts'

type Deps = { authentication: Authentication; sessions: Sessions; clock: Clock }

export function sessionRoutes({ authentication, sessions, clock }: Deps) {
  /** Answers with the refresh token in a cookie. `prefix` is the part of the path that the gateway removed. */
  function inCookie<Status extends number>(status: Status, signedIn: SignedIn, prefix: string | undefined) {
    const { accessToken, refreshToken, expiresAt } = signedIn
    const cookie = refreshCookie(refreshToken, expiresAt.getTime() - clock.now().getTime(), prefix)
    return {
      status,
      body: accessTokenBody(accessToken),
      headers: { 'Cache-Control': 'no-store', 'Set-Cookie': cookie }
    }
  }

  return operations()
    .handle(signIn, async ({ body: { email, password, refresh, refreshToken }, header, network }) => {
      const earlierToken = refreshToken ?? readCookie(header('cookie'))
      const signedIn = await authentication.signIn({ email, password, earlierToken, client: network })
      return refresh === 'body' ? inBody(201, signedIn) : inCookie(201, signedIn, header('x-forwarded-prefix'))
    })
    .handle(refresh, async ({ body: { refreshToken }, header }) => {
      const signedIn = await authentication.refresh(refreshToken ?? readCookie(header('cookie')))
      const isFromBody = refreshToken !== undefined
      return isFromBody ? inBody(200, signedIn) : inCookie(200, signedIn, header('x-forwarded-prefix'))
    })
    .handle(signOut, async ({ body: { refreshToken }, header }) => {
      await sessions.end(refreshToken ?? readCookie(header('cookie')))
      return { status: 204 }
    })
    .handle(signOutEverywhere, async ({ context }) => {
      const { caller } = context
      if (caller.kind === 'person') await authentication.signOutEverywhere(caller.id, context)
      return { status: 204 }
    }).router
}

const accessTokenBody = (accessToken: string) => ({
  accessToken,
  tokenType: 'Bearer' as const,
  expiresIn: ACCESS_TOKEN_MS / 1_000
})

/** Answers with the refresh token in the body. */
const inBody = <Status extends number>(status: Status, { accessToken, refreshToken }: SignedIn) => ({
  status,
  body: { ...accessTokenBody(accessToken), refreshToken },
  headers: { 'Cache-Control': 'no-store' }
})
