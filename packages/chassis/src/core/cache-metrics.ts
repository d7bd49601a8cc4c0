import type { Registry } from 'prom-client'
import { defineCounter, register } from './metrics.ts'

export const cacheRequests = defineCounter({
  name: 'bulkhead_cache_requests_total',
  help: 'Look-ups in a cache, by result: hit, or miss, which needed slower work',
  labels: { cache: 'the name of the cache', result: ['hit', 'miss'] }
})

/** Records look-ups in one cache. */
export type CacheCounter = { hit(): void; miss(): void }

/** Registers the look-ups in a cache. */
export function cacheCounter(registry: Registry, cache: string): CacheCounter {
  const requests = register(registry, cacheRequests, { cache: [cache] })
  const hit = { cache, result: 'hit' }
  const miss = { cache, result: 'miss' }
  return { hit: () => requests.inc(hit), miss: () => requests.inc(miss) }
}
