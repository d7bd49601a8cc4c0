import { type Caller, tooManyRequests } from '@bulkhead/chassis/core'
import { contextOf } from '@bulkhead/chassis/http'
import type { Request, RequestHandler } from 'express'
import { accountOf, clientOf, networkOf } from './clients.ts'
import type { LimiterFactory, RateLimiter } from './limiter.ts'

/** The limit of an operation in its contract: the number of calls that one client may make in each period. */
type CallLimit = { calls: number; seconds: number }

/** Resolves if the client may call the operation now. Rejects with a 429 otherwise. */
export type OperationLimit = (request: Request, caller: Caller) => Promise<void>

/** Refuses requests above the limit of their network. */
export const clientLimit = (limiter: RateLimiter): RequestHandler =>
  limitBy(limiter, request => networkOf(request.ip ?? ''))

/** Refuses requests above the limit of their account. Requests without a token have no account. */
export const accountLimit = (limiter: RateLimiter): RequestHandler =>
  limitBy(limiter, ({ res }) => accountOf(contextOf(res!).caller))

function limitBy(limiter: RateLimiter, keyOf: (request: Request) => string | undefined): RequestHandler {
  const most = `${limiter.rate.perSecond} requests a second from one ${limiter.name}`
  return async (request, _response, next) => {
    const key = keyOf(request)
    const wait = key === undefined ? 0 : await limiter.take(key)
    if (wait > 0) throw tooMany(limiter, wait, most)
    next()
  }
}

/** Limits how often one client may call an operation. Services have no limit. `operation` is the operation's name with its service. */
export function operationLimit(
  operation: string,
  { calls, seconds }: CallLimit,
  limiter: LimiterFactory
): OperationLimit {
  const limit = limiter(operation, { perSecond: calls / seconds, burst: calls })
  return async (request, caller) => {
    const wait = caller.kind === 'service' ? 0 : await limit.take(clientOf(request, caller))
    if (wait > 0)
      throw tooMany(limit, wait, `${limit.rate.burst} calls of ${operation} in ${seconds} seconds from one client`)
  }
}

/** Returns a 429 with the fields of draft-ietf-httpapi-ratelimit-headers-10. `most` describes the limit. */
function tooMany({ name, rate: { perSecond, burst } }: RateLimiter, wait: number, most: string) {
  const seconds = Math.ceil(wait / 1000)
  return tooManyRequests(`At most ${most}`, seconds, {
    RateLimit: `"${name}";r=0;t=${seconds}`,
    'RateLimit-Policy': `"${name}";q=${burst};w=${Math.ceil(burst / perSecond)}`
  })
}
