import { limitMetrics } from '@bulkhead/chassis/client'
import { defineService, redisCache } from '@bulkhead/chassis/service'
import { Router } from 'express'
import helmet from 'helmet'
import * as z from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { type LeaseTokens, rateOf, scaleRate, tokenLeases } from './limits/leases.ts'
import { type LimiterFactory, rateLimiters, rateLimitMetrics } from './limits/limiter.ts'
import { openStreams as openStreamsMetric } from './limits/open-streams.ts'
import { accountLimit, clientLimit } from './limits/rates.ts'
import { pageOrigins } from './page-origins.ts'
import { proxyRoutes } from './proxy/routes.ts'
import type { ProxyTimes } from './proxy/times.ts'
import { referenceRoutes } from './reference/routes.ts'
import { contractCache } from './routing/contract-cache.ts'
import { upstreams } from './routing/upstreams.ts'

/** Settings for tests and the bench: a different source of tokens for the rate limits, other limiters, and shorter times. */
type Settings = { lease?: LeaseTokens; limiter?: LimiterFactory; times?: Partial<ProxyTimes> | undefined }

const perSecond = z.coerce.number().min(0.1).max(1_000_000)
const openStreams = z.coerce.number().int().min(1).max(100_000)

export const gateway = defineService({
  manifest,
  config: z.object({
    /** A JSON file that maps the name of each service to its address. The gateway reads it again every 2 seconds. */
    UPSTREAMS_FILE: z.string().min(1),
    /** Maximum requests per second of one address, and of one account, over all replicas. Twice as many may come at once. */
    RATE_LIMIT_CLIENT: perSecond.default(200),
    RATE_LIMIT_ACCOUNT: perSecond.default(100),
    /** The factor for the limits of operations in the contracts, for load tests from one address. */
    OPERATION_LIMIT_FACTOR: z.coerce.number().min(0.1).max(1_000_000).default(1),
    /** Maximum number of open event streams of one service at each replica, and of one client among them. */
    STREAM_LIMIT_SERVICE: openStreams.default(500),
    STREAM_LIMIT_CLIENT: openStreams.default(20),
    /** The number of proxies before the gateway that add to `X-Forwarded-For`. With 0, the gateway ignores the header. */
    TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
    /**
     * True to continue the traces and request IDs of clients. Set it only if a proxy before the gateway overwrites their `traceparent` and
     * `x-request-id`. With a proxy that passes these headers on, anyone could join another client's trace.
     */
    PROXY_STARTS_TRACES: z.stringbool().default(false),
    /** The origins whose pages may call the API, separated by commas. */
    ALLOWED_ORIGINS: z
      .string()
      .default('')
      .transform(text => text.split(',').filter(Boolean))
      .pipe(z.array(z.url()))
  }),
  store: redisCache(),
  operations: [],
  metrics: [...limitMetrics, ...rateLimitMetrics, openStreamsMetric],
  async start(
    { redis, config, background, onClose, clock, log, registry },
    { lease = tokenLeases(redis, log), limiter = rateLimiters(lease, registry), times }: Settings = {}
  ) {
    const services = upstreams({
      file: config.UPSTREAMS_FILE,
      cache: contractCache(redis, log, registry),
      log,
      limiter: (name, rate) => limiter(name, scaleRate(rate, config.OPERATION_LIMIT_FACTOR))
    })
    // Load the routes before the replica reports that it is ready.
    await services.refresh()
    background.add(services)
    const streams = { service: config.STREAM_LIMIT_SERVICE, client: config.STREAM_LIMIT_CLIENT }
    const { router, close } = proxyRoutes({ upstreams: services, clock, registry, streams, times })
    onClose(close)
    const clients = limiter('client', rateOf(config.RATE_LIMIT_CLIENT))
    const accounts = limiter('account', rateOf(config.RATE_LIMIT_ACCOUNT))
    return {
      upstreams: services,
      before: [helmet(), ...pageOrigins(config.ALLOWED_ORIGINS), clientLimit(clients)],
      isEdge: !config.PROXY_STARTS_TRACES,
      trustedProxies: config.TRUSTED_PROXIES,
      routes: [Router().use(accountLimit(accounts), router), referenceRoutes(services, manifest.version)]
    }
  }
})
