import { setTimeout } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { LeaseTokens, Rate } from './token-leases.ts'

/** What a lease lasts at the full rate: the part of a second whose tokens are asked for at once. */
const LEASED_PART = 1 / 10
/** How long a request waits for Redis. */
const WAIT_MS = 20
const MOST_BUCKETS = 10_000

type Bucket = {
  /** Leased and not used. */
  tokens: number
  /** Until when all are known to be used up, as `performance.now()` tells it. */
  emptyUntil: number
  waiting: number
  lease: Promise<boolean> | undefined
  leasedAt: number
}

/** Milliseconds after which to come again; 0 for a request that may pass. */
export type Verdict = number

/**
 * Limits the requests of each key to `rate`, over all gateways together. A gateway leases tokens from Redis, a tenth of a second's
 * at once, and spends them without asking. Tokens leave the shared bucket before they are spent, so in any time t all gateways let
 * through at most `burst + perSecond * t`, and what each had leased before: a tenth of a second's. A request whose tokens do not come
 * within 20 ms passes, and is counted.
 */
export function rateLimiter(name: string, rate: Rate, lease: LeaseTokens, registry: Registry) {
  const buckets = new LRUCache<string, Bucket>({ max: MOST_BUCKETS })
  const batch = Math.max(1, Math.round(rate.perSecond * LEASED_PART))
  const pauseMs = (batch / rate.perSecond) * 1000
  const { refused, open } = limiterMetrics(registry, name, () => buckets.size)

  function take(key: string): Verdict | Promise<Verdict> {
    let bucket = buckets.get(key)
    if (!bucket) {
      bucket = { tokens: 0, emptyUntil: 0, waiting: 0, lease: undefined, leasedAt: 0 }
      buckets.set(key, bucket)
    }
    return spend(bucket) ?? waitFor(key, bucket)
  }

  function spend(bucket: Bucket): Verdict | undefined {
    if (bucket.tokens >= 1) {
      bucket.tokens--
      return 0
    }
    const wait = bucket.emptyUntil - performance.now()
    if (wait <= 0) return undefined
    refused.inc({ limit: name })
    return wait
  }

  async function waitFor(key: string, bucket: Bucket): Promise<Verdict> {
    const limit = new AbortController()
    const late = lateness(limit.signal)
    bucket.waiting++
    try {
      for (;;) {
        bucket.lease ??= ask(key, bucket)
        // One that is late already keeps nobody else waiting.
        const isLate = performance.now() - bucket.leasedAt > WAIT_MS
        const answered = !isLate && (await Promise.race([bucket.lease, late]))
        const verdict = answered ? spend(bucket) : 0
        if (!answered) open.inc({ limit: name })
        if (verdict !== undefined) return verdict
      }
    } finally {
      bucket.waiting--
      limit.abort()
    }
  }

  /** Resolves with whether Redis answered. */
  async function ask(key: string, bucket: Bucket): Promise<boolean> {
    bucket.leasedAt = performance.now()
    try {
      const granted = await lease(`rate:${name}:${key}`, Math.max(batch, bucket.waiting), rate)
      bucket.tokens += granted
      if (granted === 0) bucket.emptyUntil = performance.now() + pauseMs
      return true
    } catch {
      return false // Its connection tells the log.
    } finally {
      bucket.lease = undefined
    }
  }

  return { name, rate, take }
}

export type RateLimiter = ReturnType<typeof rateLimiter>

/** False after the wait, but not before an answer that is here already was read: it may be us who are late. */
const lateness = (signal: AbortSignal) =>
  setTimeout(WAIT_MS, false, { signal })
    .then(() => new Promise<false>(resolve => setImmediate(resolve, false)))
    .catch(() => false as const)

const registered = new WeakMap<Registry, ReturnType<typeof registerMetrics>>()

function limiterMetrics(registry: Registry, name: string, size: () => number) {
  const metrics = registered.get(registry) ?? registerMetrics(registry)
  registered.set(registry, metrics)
  metrics.sizes.set(name, size)
  metrics.refused.inc({ limit: name }, 0)
  metrics.open.inc({ limit: name }, 0)
  return metrics
}

function registerMetrics(registry: Registry) {
  const registers = [registry]
  const labelNames = ['limit'] as const
  const sizes = new Map<string, () => number>()
  const refused = new Counter({
    name: 'bulkhead_rate_limit_refused_total',
    help: 'Requests over a limit of rates',
    ...{ labelNames, registers }
  })
  const open = new Counter({
    name: 'bulkhead_rate_limit_open_total',
    help: 'Requests that passed a limit of rates because Redis was away or late',
    ...{ labelNames, registers }
  })
  new Gauge({
    name: 'bulkhead_rate_limit_buckets',
    help: 'Buckets that are kept in memory',
    ...{ labelNames, registers },
    collect() {
      for (const [limit, size] of sizes) this.set({ limit }, size())
    }
  })
  return { sizes, refused, open }
}
