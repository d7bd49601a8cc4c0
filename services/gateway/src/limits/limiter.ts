import { defineCounter, defineGauge, measureAtScrape, register } from '@bulkhead/chassis/core'
import { LRUCache } from 'lru-cache'
import type { Counter, Registry } from 'prom-client'
import type { LeaseTokens, Rate } from './leases.ts'

const LIMIT = 'client, account, or the service and the ID of an operation with a limit'

const refusedRequests = defineCounter({
  name: 'bulkhead_rate_limit_refused_total',
  help: 'Requests over a rate limit',
  labels: { limit: LIMIT }
})

const openRequests = defineCounter({
  name: 'bulkhead_rate_limit_open_total',
  help: 'Requests that passed a rate limit because Redis was away or late',
  labels: { limit: LIMIT }
})

const bucketsInMemory = defineGauge({
  name: 'bulkhead_rate_limit_buckets',
  help: 'Buckets in memory',
  labels: { limit: LIMIT }
})

/** The metrics of the rate limits. */
export const rateLimitMetrics = [refusedRequests, openRequests, bucketsInMemory]

/** A replica leases at once the tokens for this fraction of a second. */
const LEASED_PART = 1 / 10
/** How long a request waits for a lease (ms). */
const WAIT_MS = 20
/** How many leases a request waits for. The first lease may have started before the request arrived. */
const MAX_LEASES = 2
const MAX_BUCKETS = 10_000

type Bucket = {
  /** The leased tokens that are left. */
  tokens: number
  /** Redis has no more tokens before this time, measured by `performance.now()`. */
  emptyUntil: number
  /** The number of requests that wait for a lease. */
  waiting: number
  /** The running lease. It resolves with false if it is late. */
  lease: Promise<boolean> | undefined
}

/** Limits how often each key, such as a client, may send requests. */
export type RateLimiter = {
  name: string
  rate: Rate
  /** Counts a request. Resolves with the milliseconds to wait before trying again, or with 0 if the request may pass. */
  take(key: string): Promise<number>
}

/** Makes the limiter with this name. */
export type LimiterFactory = (name: string, rate: Rate) => RateLimiter

/** Makes the limiters of a gateway and registers their metrics. */
export function rateLimiters(lease: LeaseTokens, registry: Registry): LimiterFactory {
  const metrics = registerMetrics(registry)
  return (name, rate) => {
    register(registry, refusedRequests, { limit: [name] })
    register(registry, openRequests, { limit: [name] })
    return rateLimiter(name, rate, lease, metrics)
  }
}

/**
 * Limits the requests of each key to `rate`, over all replicas of the gateway. A replica leases the tokens for a tenth of a second from
 * Redis, and then spends them without asking Redis. Tokens leave the shared bucket before they are spent. So in any time t, all replicas
 * together let through at most `burst + perSecond * t` requests, plus the tokens that each replica had leased before. If Redis does not
 * answer within 20 ms, the request passes and is counted.
 */
function rateLimiter(
  name: string,
  rate: Rate,
  lease: LeaseTokens,
  { sizes, refused, open }: LimiterMetrics
): RateLimiter {
  const buckets = new LRUCache<string, Bucket>({ max: MAX_BUCKETS })
  const batch = Math.max(1, Math.round(rate.perSecond * LEASED_PART))
  const pauseMs = (batch / rate.perSecond) * 1000
  sizes.set(name, () => buckets.size)

  async function take(key: string): Promise<number> {
    let bucket = buckets.get(key)
    if (!bucket) {
      bucket = { tokens: 0, emptyUntil: 0, waiting: 0, lease: undefined }
      buckets.set(key, bucket)
    }
    return spend(bucket) ?? waitFor(key, bucket)
  }

  function spend(bucket: Bucket): number | undefined {
    if (bucket.tokens >= 1) {
      bucket.tokens--
      return 0
    }
    const wait = bucket.emptyUntil - performance.now()
    if (wait <= 0) return undefined
    refused.inc({ limit: name })
    return wait
  }

  async function waitFor(key: string, bucket: Bucket): Promise<number> {
    bucket.waiting++
    try {
      for (let leases = 0; leases < MAX_LEASES; leases++) {
        bucket.lease ??= ask(key, bucket)
        const wait = (await bucket.lease) ? spend(bucket) : undefined
        if (wait !== undefined) return wait
      }
      open.inc({ limit: name })
      return 0
    } finally {
      bucket.waiting--
    }
  }

  /** Leases tokens. Resolves with true if Redis answered in time. Later requests get the tokens of a late answer. */
  function ask(key: string, bucket: Bucket): Promise<boolean> {
    const asked = Math.max(batch, bucket.waiting)
    const answer = lease(`rate:${name}:${key}`, asked, rate)
      .then(granted => {
        bucket.tokens += granted
        if (granted < asked) bucket.emptyUntil = performance.now() + pauseMs
        return true
      })
      .catch(() => false) // `lease` has already logged the error.
      .finally(() => {
        bucket.lease = undefined
      })
    return inTime(answer)
  }

  return { name, rate, take }
}

/**
 * Resolves with `answer`, or with false after `WAIT_MS`. `setImmediate` lets an answer that has already arrived win, because this process
 * itself may be late.
 */
const inTime = (answer: Promise<boolean>) =>
  new Promise<boolean>(resolve => {
    const timer = setTimeout(() => setImmediate(resolve, false), WAIT_MS)
    void answer.then(answered => {
      clearTimeout(timer)
      resolve(answered)
    })
  })

type LimiterMetrics = {
  /** Functions that count the buckets of each limiter, by its name. */
  sizes: Map<string, () => number>
  refused: Counter<'limit'>
  open: Counter<'limit'>
}

function registerMetrics(registry: Registry): LimiterMetrics {
  const sizes = new Map<string, () => number>()
  measureAtScrape(registry, bucketsInMemory, gauge => {
    for (const [limit, size] of sizes) gauge.set({ limit }, size())
  })
  return { sizes, refused: register(registry, refusedRequests), open: register(registry, openRequests) }
}
