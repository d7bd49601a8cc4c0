import { prefixOf } from '@bulkhead/chassis/core'

const NAME = 'refresh'

/**
 * The cookie (RFC 6265) of a refresh token for the rest of its session: sent to our own operations of sessions only, never to scripts, and
 * not from other sites. `prefix` is what the gateway took off the path.
 */
export function refreshCookie(token: string, milliseconds: number, prefix: string | undefined): string {
  const path = `${prefixOf(prefix)}/sessions`
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  return `${NAME}=${token}; Path=${path}; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Strict`
}

/** The refresh token of a request's cookie. */
export function cookieIn(header: (name: string) => string | undefined): string | undefined {
  const pairs = (header('cookie') ?? '').split(';').map(pair => pair.trim())
  return pairs.find(pair => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1)
}
