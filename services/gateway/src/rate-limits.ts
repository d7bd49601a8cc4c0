import { isIPv4 } from 'node:net'
import { type Caller, tooManyRequests } from '@bulkhead/chassis/core'
import { contextOf } from '@bulkhead/chassis/http'
import type { Request, RequestHandler } from 'express'
import type { RateLimiter, Verdict } from './rate-limiter.ts'

/** Refuses requests over a client's limit. A client is an address; of IPv6 the 64 bits that a household or a machine has to itself. */
export const clientLimit = (limiter: RateLimiter): RequestHandler =>
  limit(limiter, request => networkOf(request.ip ?? ''))

/** Refuses requests over the limit of an account. Those without a token have none. */
export const accountLimit = (limiter: RateLimiter): RequestHandler =>
  limit(limiter, ({ res }) => accountOf(contextOf(res!).caller))

/** The client that a limit counts: the account, or the network of a guest. */
export const clientOf = (request: Request, caller: Caller) => accountOf(caller) ?? networkOf(request.ip ?? '')

function accountOf(caller: Caller): string | undefined {
  if (caller.kind === 'anonymous') return undefined
  return caller.kind === 'person' ? caller.id : caller.name
}

function limit(limiter: RateLimiter, keyOf: (request: Request) => string | undefined): RequestHandler {
  const most = `${limiter.rate.perSecond} requests a second from one ${limiter.name}`
  return (request, _response, next) => {
    const key = keyOf(request)
    const verdict = key === undefined ? 0 : limiter.take(key)
    if (verdict === 0) return next()
    if (typeof verdict === 'number') throw tooMany(limiter, verdict, most)
    return verdict.then(late => {
      if (late > 0) throw tooMany(limiter, late, most)
      next()
    })
  }
}

/** 429 with the fields of draft-ietf-httpapi-ratelimit-headers-10. `most` says what the limit is. */
export function tooMany({ name, rate: { perSecond, burst } }: RateLimiter, verdict: Verdict, most: string) {
  const seconds = Math.ceil(verdict / 1000)
  return tooManyRequests(`At most ${most}`, seconds, {
    RateLimit: `"${name}";r=0;t=${seconds}`,
    'RateLimit-Policy': `"${name}";q=${burst};w=${Math.ceil(burst / perSecond)}`
  })
}

/** The address of an IPv4 client, the /64 network of an IPv6 one. */
export function networkOf(address: string): string {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIPv4(mapped)) return mapped
  const [start = '', end] = mapped.replace(/%.*$/, '').split('::')
  const groups = start.split(':').filter(Boolean)
  const last = end?.split(':').filter(Boolean) ?? []
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - last.length) }, () => '0')
  return [...groups, ...zeros, ...last]
    .slice(0, 4)
    .map(group => group.toLowerCase())
    .join(':')
}
