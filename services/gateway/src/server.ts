import { connectRedis } from '@bulkhead/chassis/redis'
import { runProgram } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { gatewayApp } from './app.ts'
import { gatewayConfig } from './config.ts'
import { contractCache } from './contract-cache.ts'
import { proxy } from './proxy.ts'
import { rateLimiter } from './rate-limiter.ts'
import { reference } from './reference.ts'
import { type Rate, scaled, tokenLeases, twiceAtOnce } from './token-leases.ts'
import { upstreams } from './upstreams.ts'

await runProgram({
  manifest,
  config: gatewayConfig,
  environment: process.env,
  async build({ name: _, config, ...deps }) {
    const { log, clock, registry } = deps
    const redis = connectRedis(config.REDIS_URL, 'the store', log)
    const lease = tokenLeases(redis, log)
    const limiter = (name: string, rate: Rate) => rateLimiter(name, rate, lease, registry)
    const operationLimiter = (name: string, rate: Rate) => limiter(name, scaled(rate, config.OPERATION_LIMIT_FACTOR))
    const services = upstreams({
      file: config.UPSTREAMS_FILE,
      cache: contractCache(redis, log),
      log,
      limiter: operationLimiter
    })
    await services.start()
    const streams = { service: config.STREAM_LIMIT_SERVICE, client: config.STREAM_LIMIT_CLIENT }
    const { router, close } = proxy({ upstreams: services, clock, registry, streams })
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
        ...deps
      }),
      async close() {
        await services.stop()
        await close()
        redis.disconnect()
      }
    }
  }
})
