import { LRUCache } from 'lru-cache'
import { type CacheCounter, type Caller, type Clock, unauthenticated } from '../core/index.ts'

/**
 * Caches the callers of at most `max` verified tokens, because checking a signature takes about as long as everything else that cart does
 * for a request. The cache gains more than 10 % of the rows `cart: adding to a line: CPU`, `catalog: GET of one product: CPU` and `gateway:
 * throughput` in docs/performance.md.
 */
export function verifiedTokens(max: number, clock: Clock, requests: CacheCounter) {
  const known = new LRUCache<string, { caller: Caller; expires: number }>({ max })
  return {
    /** `expires` is in milliseconds since the epoch. */
    add(token: string, caller: Caller, expires: number) {
      known.set(token, { caller, expires })
    },
    /** Returns the caller of a token; undefined if the token is not in the cache. Throws a 401 if the token has expired. */
    callerOf(token: string): Caller | undefined {
      const hit = known.get(token)
      if (hit) requests.hit()
      else requests.miss()
      if (!hit || hit.expires > clock.now().getTime()) return hit?.caller
      known.delete(token)
      throw unauthenticated('The token has expired')
    }
  }
}
