import { runService } from '@bulkhead/chassis/service'
import { type RequestHandler, Router } from 'express'
import manifest from '../../services/gateway/package.json' with { type: 'json' }
import { rateOf, scaleRate, tokenLeases } from '../../services/gateway/src/limits/leases.ts'
import { type LimiterFactory, type RateLimiter, rateLimiter } from '../../services/gateway/src/limits/limiter.ts'
import { accountLimit, clientLimit } from '../../services/gateway/src/limits/rates.ts'
import { proxyRoutes } from '../../services/gateway/src/proxy/routes.ts'
import { referenceRoutes } from '../../services/gateway/src/reference/routes.ts'
import { contractCache } from '../../services/gateway/src/routing/contract-cache.ts'
import { type Upstreams, upstreams } from '../../services/gateway/src/routing/upstreams.ts'
import { pageOrigins, securityHeaders } from '../../services/gateway/src/security/headers.ts'
import { gateway } from '../../services/gateway/src/service.ts'

// The gateway, built as its service.ts does, without the features that WITHOUT names: tokens, rates, input. Without tokens nobody has an
// account, so there is no limit of accounts either.
const without = (process.env.WITHOUT ?? '').split(',')

const unlimited = (limiter: RateLimiter): RateLimiter =>
  without.includes('rates') ? { ...limiter, take: () => 0 } : limiter

/** The same routes, but only the service checks their input. */
function unchecked(services: Upstreams): Upstreams {
  const input = { checkQuery: () => undefined, checkBody: () => undefined }
  const find: Upstreams['find'] = (method, path) => {
    const route = services.find(method, path)
    return route && { ...route, input }
  }
  return without.includes('input') ? { ...services, find } : services
}

/** Hides the token from the chassis, which would verify it. */
const hideToken: RequestHandler = (request, response, next) => {
  response.locals.authorization = request.headers.authorization
  delete request.headers.authorization
  next()
}

/** Gives the token back, for the service behind the gateway. */
const restoreToken: RequestHandler = (request, response, next) => {
  request.headers.authorization = response.locals.authorization
  next()
}

const service: typeof gateway = {
  ...gateway,
  async start({ redis, config, background, onClose, clock, log, registry }) {
    const lease = tokenLeases(redis, log)
    const limiter: LimiterFactory = (name, rate) => unlimited(rateLimiter(name, rate, lease, registry))
    const services = upstreams({
      file: config.UPSTREAMS_FILE,
      cache: contractCache(redis, log),
      log,
      limiter: (name, rate) => limiter(name, scaleRate(rate, config.OPERATION_LIMIT_FACTOR))
    })
    await services.refresh()
    background.add(services)
    const streams = { service: config.STREAM_LIMIT_SERVICE, client: config.STREAM_LIMIT_CLIENT }
    const { router, close } = proxyRoutes({ upstreams: unchecked(services), clock, registry, streams })
    onClose(close)
    const clients = limiter('client', rateOf(config.RATE_LIMIT_CLIENT))
    const accounts = limiter('account', rateOf(config.RATE_LIMIT_ACCOUNT))
    const hasTokens = !without.includes('tokens')
    return {
      upstreams: services,
      before: [
        securityHeaders(),
        ...pageOrigins(config.ALLOWED_ORIGINS),
        clientLimit(clients),
        ...(hasTokens ? [] : [hideToken])
      ],
      isEdge: !config.PROXY_STARTS_TRACES,
      trustedProxies: config.TRUSTED_PROXIES,
      routes: [
        Router().use(hasTokens ? accountLimit(accounts) : restoreToken, router),
        referenceRoutes(services, manifest.version)
      ]
    }
  }
}

await runService(service, process.env)
