import { type Clock, notFound, Problem, unavailable } from '@bulkhead/chassis/core'
import { checkAccess, contextOf, expectRequests } from '@bulkhead/chassis/http'
import { Router } from 'express'
import type { Registry } from 'prom-client'
import type { StreamLimits } from '../limits/open-streams.ts'
import { PREFIX, type Route } from '../routing/route-table.ts'
import type { Upstreams } from '../routing/upstreams.ts'
import { requestBody } from './body.ts'
import { exchanges } from './exchange.ts'
import { targets } from './targets.ts'
import { type ProxyTimes, TIMES } from './times.ts'

/** Paths with dot segments are refused, because a client or a proxy may resolve them to a different path (RFC 3986, section 6.2.2.3). */
const DOT_SEGMENT = /\/\.{1,2}(\/|$)/

type Dependencies = {
  upstreams: Upstreams
  clock: Clock
  registry: Registry
  streams: StreamLimits
  times?: Partial<ProxyTimes> | undefined
}

/** Sends requests below /api/v1/ to the service of their operation. Call `close` after the last request is answered. */
export function proxyRoutes({ upstreams, clock, registry, streams, times: given }: Dependencies) {
  const times = { ...TIMES, ...given }
  const exchange = exchanges(times, clock)
  const known = targets(registry, streams)
  upstreams.watch(routes => {
    for (const route of routes) {
      const address = upstreams.addressOf(route.service)
      if (address) known.find(route.service, address).prepare(route)
      expectRequests(registry, route.id, Object.keys(route.described.responses))
    }
  })
  const router = Router({ caseSensitive: true, strict: true })
  router.use(async (request, response, next) => {
    const [path] = request.url.split('?', 1) as [string]
    if (!path.startsWith(PREFIX)) return next()
    const route = findRoute(upstreams, request.method, path)
    const context = contextOf(response)
    response.locals.operation = route.id
    checkAccess(context.caller, route.callers)
    await route.limit?.(request, context.caller)
    const body = await requestBody(request, response, route, times.uploadStall)
    const address = upstreams.addressOf(route.service)
    if (!address) throw unavailable(route.service)
    await exchange(known.find(route.service, address), { request, response, route, context, body })
  })
  return { router, close: () => known.close() }
}

/** Finds the route of a request. Throws a 404, a 405, or a 503 if the contract of the service is not known. */
function findRoute(upstreams: Upstreams, method: string, path: string): Route {
  if (DOT_SEGMENT.test(path)) throw noOperation()
  const route = upstreams.find(method, path)
  if (route) return route
  const unknown = upstreams.unknownServiceOf(path)
  if (unknown) throw unavailable(unknown)
  const methods = upstreams.methodsOf(path)
  throw methods.length > 0 ? wrongMethod(methods) : noOperation()
}

const noOperation = () => notFound('There is no such operation')

/** Returns a 405 with the methods of the path (RFC 9110, section 15.5.6). */
const wrongMethod = (methods: string[]) =>
  new Problem(405, 'method-not-allowed', 'Another method is needed', { headers: { Allow: methods.join(', ') } })
