import { LRUCache } from 'lru-cache'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { LeaseTokens, Rate } from './token-leases.ts'

/** What a lease lasts at the full rate: the part of a second whose tokens are asked for at once. */
const LEASED_PART = 1 / 10
/** How long a lease is waited for. */
const WAIT_MS = 20
/** One that was asked before a request came may not be for it; the next one is. */
const MOST_LEASES = 2
const MOST_BUCKETS = 10_000

type Bucket = {
  /** Leased and not used. */
  tokens: number
  /** Until when all are known to be used up, as `performance.now()` tells it. */
  emptyUntil: number
  waiting: number
  /** Under way; false once it is late. */
  lease: Promise<boolean> | undefined
}

/** Milliseconds after which to come again; 0 for a request that may pass. */
export type Verdict = number

/**
 * Limits the requests of each key to `rate`, over all gateways together. A gateway leases tokens from Redis, a tenth of a second's
 * at once, and spends them without asking. Tokens leave the shared bucket before they are spent, so in any time t all gateways let
 * through at most `burst + perSecond * t`, and what each had leased before: a tenth of a second's. A request passes, and is counted, when
 * Redis does not answer within 20 ms.
 */
export function rateLimiter(name: string, rate: Rate, lease: LeaseTokens, registry: Registry) {
  const buckets = new LRUCache<string, Bucket>({ max: MOST_BUCKETS })
  const batch = Math.max(1, Math.round(rate.perSecond * LEASED_PART))
  const pauseMs = (batch / rate.perSecond) * 1000
  const { refused, open } = limiterMetrics(registry, name, () => buckets.size)

  function take(key: string): Verdict | Promise<Verdict> {
    let bucket = buckets.get(key)
    if (!bucket) {
      bucket = { tokens: 0, emptyUntil: 0, waiting: 0, lease: undefined }
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
    bucket.waiting++
    try {
      for (let leases = 0; leases < MOST_LEASES; leases++) {
        bucket.lease ??= ask(key, bucket)
        const verdict = (await bucket.lease) ? spend(bucket) : undefined
        if (verdict !== undefined) return verdict
      }
      open.inc({ limit: name })
      return 0
    } finally {
      bucket.waiting--
    }
  }

  /** Resolves with whether Redis answered in time. What comes late is for those who come later. */
  function ask(key: string, bucket: Bucket): Promise<boolean> {
    const asked = Math.max(batch, bucket.waiting)
    const answer = lease(`rate:${name}:${key}`, asked, rate)
      .then(granted => {
        bucket.tokens += granted
        if (granted < asked) bucket.emptyUntil = performance.now() + pauseMs
        return true
      })
      .catch(() => false) // `lease` has logged it.
      .finally(() => {
        bucket.lease = undefined
      })
    return inTime(answer)
  }

  return { name, rate, take }
}

export type RateLimiter = ReturnType<typeof rateLimiter>

/** `answer`, or false after the wait, but not before an answer that is here already was read: it may be us who are late. */
const inTime = (answer: Promise<boolean>) =>
  new Promise<boolean>(resolve => {
    const timer = setTimeout(() => setImmediate(resolve, false), WAIT_MS)
    void answer.then(answered => {
      clearTimeout(timer)
      resolve(answered)
    })
  })

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
