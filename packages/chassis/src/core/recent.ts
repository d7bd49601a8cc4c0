import { LRUCache } from 'lru-cache'

const [MOST, LIFE_MS] = [1_000, 60_000]

/**
 * What a replica keeps in memory of what it has just written, by ID: the last 1,000, each for a minute. Others may have changed the rest
 * since: only what never changes, what is never taken back, or what the next write makes sure of (docs/decisions/0006).
 */
export const recent = <T extends {}>() => new LRUCache<string, T>({ max: MOST, ttl: LIFE_MS })
