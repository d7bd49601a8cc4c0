import type { Caller } from '@bulkhead/chassis/caller'
import type { PublicOperation } from './contracts.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { tooMany } from './rate-limits.ts'
import type { Rate } from './token-leases.ts'

/** Resolves for a caller who may call the operation now, or rejects with a 429. */
export type OperationLimit = (caller: Caller) => Promise<void>

/**
 * The limit of how often one account may call an operation, where its contract has one. It is for people: guests have the limit of
 * their address, and services none.
 */
export function operationLimit(
  { service, id, described }: PublicOperation,
  limiter: (name: string, rate: Rate) => RateLimiter
): OperationLimit | undefined {
  const rate = described['x-per-account']
  if (!rate) return undefined
  const { calls, seconds } = rate
  const operation = `${service}.${id}`
  const limit = limiter(operation, { perSecond: calls / seconds, burst: calls })
  return async caller => {
    const verdict = caller.kind === 'person' ? await limit.take(caller.id) : 0
    if (verdict > 0) throw tooMany(limit, verdict, `${calls} calls of ${operation} in ${seconds} seconds by account`)
  }
}
