import type { Caller } from '@bulkhead/chassis/core'
import type { Request } from 'express'
import type { PublicOperation } from './contracts.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { clientOf, tooMany } from './rate-limits.ts'
import type { Rate } from './token-leases.ts'

/** Resolves if the client may call the operation now, else rejects with a 429. */
export type OperationLimit = (request: Request, caller: Caller) => Promise<void>

/** The limit of how often one client may call an operation, if its contract has one. Services have no limit. */
export function operationLimit(
  { service, id, described }: PublicOperation,
  limiter: (name: string, rate: Rate) => RateLimiter
): OperationLimit | undefined {
  const rate = described['x-per-client']
  if (!rate) return undefined
  const { calls, seconds } = rate
  const operation = `${service}.${id}`
  const limit = limiter(operation, { perSecond: calls / seconds, burst: calls })
  return async (request, caller) => {
    const verdict = caller.kind === 'service' ? 0 : await limit.take(clientOf(request, caller))
    if (verdict > 0)
      throw tooMany(limit, verdict, `${limit.rate.burst} calls of ${operation} in ${seconds} seconds from one client`)
  }
}
