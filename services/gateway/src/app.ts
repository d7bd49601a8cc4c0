import { type AppDeps, createApp } from '@bulkhead/chassis/http'
import cors from 'cors'
import { Router } from 'express'
import { contract } from './contract.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { accountLimit, clientLimit } from './rate-limits.ts'
import { securityHeaders } from './security-headers.ts'

type Deps = AppDeps & {
  proxy: Router
  reference: Router
  limits: { client: RateLimiter; account: RateLimiter }
  /** How many proxies before us add to X-Forwarded-For. */
  trustedProxies: number
  /** Whether a proxy before us gives requests their trace and their ID. */
  proxyStartsTraces: boolean
  /** The origins whose pages may call the API. */
  origins: string[]
}

const EXPOSED_HEADERS = ['ETag', 'Location', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'X-Request-Id']

/** The single API layer. */
export function gatewayApp({ proxy, reference, limits, trustedProxies, proxyStartsTraces, origins, ...deps }: Deps) {
  const api = Router().use(accountLimit(limits.account), proxy)
  const pages = origins.length > 0 ? [cors({ origin: origins, exposedHeaders: EXPOSED_HEADERS, maxAge: 600 })] : []
  const before = [securityHeaders(), ...pages, clientLimit(limits.client)]
  const app = createApp({
    ...deps,
    contract,
    before,
    isEdge: !proxyStartsTraces,
    storeProblem: error => error,
    routers: [api, reference]
  })
  app.set('trust proxy', trustedProxies)
  return app
}
