import { prefixOf } from '@bulkhead/chassis/core'

const NAME = 'refresh'

/**
 * Returns the Set-Cookie header (RFC 6265) of a refresh token, for the rest of its session. Browsers send the cookie only to the operations
 * of sessions, hide it from scripts, and do not send it from other sites. `prefix` is the part of the path that the gateway removed.
 */
export function refreshCookie(token: string, milliseconds: number, prefix: string | undefined): string {
  const path = `${prefixOf(prefix)}/sessions`
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  return `${NAME}=${token}; Path=${path}; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Strict`
}

/** Returns the refresh token in a Cookie header. */
export function readCookie(header = ''): string | undefined {
  const pairs = header.split(';').map(pair => pair.trim())
  return pairs.find(pair => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1)
}
