import { connectRedis } from '@bulkhead/chassis/redis'
import { runProgram } from '@bulkhead/chassis/service'
import manifest from '../../services/gateway/package.json' with { type: 'json' }
import { gatewayApp } from '../../services/gateway/src/app.ts'
import { gatewayConfig } from '../../services/gateway/src/config.ts'
import { contractCache } from '../../services/gateway/src/contract-cache.ts'
import { proxy } from '../../services/gateway/src/proxy.ts'
import { type RateLimiter, rateLimiter } from '../../services/gateway/src/rate-limiter.ts'
import { reference } from '../../services/gateway/src/reference.ts'
import { type Rate, scaled, tokenLeases, twiceAtOnce } from '../../services/gateway/src/token-leases.ts'
import { type Upstreams, upstreams } from '../../services/gateway/src/upstreams.ts'

// The gateway composed as its server.ts does, without the features that WITHOUT names: tokens, rates, input. Without tokens
// nobody has an account, so that the limit of accounts goes too.
const without = (process.env.WITHOUT ?? '').split(',')

const unlimited = (limiter: RateLimiter): RateLimiter =>
  without.includes('rates') ? { ...limiter, take: () => 0 } : limiter

/** The same routes, whose input is left to the service. */
function unchecked(services: Upstreams): Upstreams {
  const input = { checkQuery: () => undefined }
  const find: Upstreams['find'] = (method, path) => {
    const route = services.find(method, path)
    return route && { ...route, input }
  }
  return without.includes('input') ? { ...services, find } : services
}

await runProgram({
  manifest,
  config: gatewayConfig,
  environment: process.env,
  async build({ name: _, config, ...deps }) {
    const { log, clock, registry } = deps
    const redis = connectRedis(config.REDIS_URL, 'the store', log)
    const lease = tokenLeases(redis, log)
    const limiter = (name: string, rate: Rate) => unlimited(rateLimiter(name, rate, lease, registry))
    const operationLimiter = (name: string, rate: Rate) => limiter(name, scaled(rate, config.OPERATION_LIMIT_FACTOR))
    const services = upstreams({
      file: config.UPSTREAMS_FILE,
      cache: contractCache(redis, log),
      log,
      limiter: operationLimiter
    })
    await services.start()
    const streams = { service: config.STREAM_LIMIT_SERVICE, client: config.STREAM_LIMIT_CLIENT }
    const { router, close } = proxy({ upstreams: unchecked(services), clock, registry, streams })
    return {
      app: gatewayApp({
        proxy: router,
        reference: reference(services, manifest.version),
        limits: {
          client: limiter('client', twiceAtOnce(config.RATE_LIMIT_CLIENT)),
          account: limiter('account', twiceAtOnce(config.RATE_LIMIT_ACCOUNT))
        },
        trustedProxies: config.TRUSTED_PROXIES,
        proxyStartsTraces: config.PROXY_STARTS_TRACES,
        origins: config.ALLOWED_ORIGINS,
        ...deps,
        verify: without.includes('tokens') ? () => ({ kind: 'anonymous' }) : deps.verify
      }),
      async close() {
        await services.stop()
        await close()
        redis.disconnect()
      }
    }
  }
})
