import { runService } from '@bulkhead/chassis/service'
import { type RequestHandler, Router } from 'express'
import type { LimiterFactory } from '../../services/gateway/src/limits/limiter.ts'
import { gateway } from '../../services/gateway/src/service.ts'

// The gateway without the features that WITHOUT lists: tokens and rates. Without tokens there are no accounts, so the limit for
// accounts does nothing.
const without = (process.env.WITHOUT ?? '').split(',')

const unlimited: LimiterFactory = (name, rate) => ({ name, rate, take: async () => 0 })

/** Hides the token from the chassis, which would verify it. */
const hideToken: RequestHandler = (request, response, next) => {
  response.locals.authorization = request.headers.authorization
  delete request.headers.authorization
  next()
}

/** Restores the token for the service behind the gateway. */
const restoreToken: RequestHandler = (request, response, next) => {
  request.headers.authorization = response.locals.authorization
  next()
}

const service: typeof gateway = {
  ...gateway,
  async start(dependencies) {
    const started = await gateway.start(dependencies, without.includes('rates') ? { limiter: unlimited } : {})
    if (!without.includes('tokens')) return started
    return {
      ...started,
      before: [...started.before, hideToken],
      routes: [Router().use(restoreToken), ...started.routes]
    }
  }
}

await runService(service, process.env)
