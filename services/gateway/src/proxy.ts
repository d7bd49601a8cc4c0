import { ConnectionFailed, defaultLimits, isRejection, TimedOut } from '@bulkhead/chassis/client'
import { bodyTooSlow, type Clock, type Context, notFound, Problem, unavailable } from '@bulkhead/chassis/core'
import { checkAccess, contextOf } from '@bulkhead/chassis/http'
import { type Request, type Response, Router } from 'express'
import type { Registry } from 'prom-client'
import type { Dispatcher } from 'undici'
import { type Begun, forward } from './forward.ts'
import { isRead, type ProxyTimes, TIMES, usualTime } from './proxy-times.ts'
import { clientOf } from './rate-limits.ts'
import { type Body, requestBody } from './request-body.ts'
import { headersOf } from './request-headers.ts'
import { PREFIX, type Route } from './routing.ts'
import type { StreamLimits } from './stream-places.ts'
import { type Target, targets } from './targets.ts'
import type { Upstreams } from './upstreams.ts'

const OPEN_SECONDS = Math.ceil(defaultLimits.breaker.halfOpenAfter / 1000)
/** A time-out below this part of the usual one is the caller's hurry, and says nothing about the service. */
const HURRY = 0.9

/** A client or a proxy may resolve it to another path (RFC 3986, section 6.2.2.3). */
const DOT_SEGMENT = /\/\.{1,2}(\/|$)/

type ProxyDeps = {
  upstreams: Upstreams
  clock: Clock
  registry: Registry
  streams: StreamLimits
  times?: Partial<ProxyTimes> | undefined
}

/** Sends requests below /api/v1/ on to the service whose operation they name. Call `close` when the last one is answered. */
export function proxy({ upstreams, clock, registry, streams, times: given }: ProxyDeps) {
  const times = { ...TIMES, ...given }
  const known = targets(registry, streams)
  upstreams.watch(routes => {
    for (const route of routes) {
      const address = upstreams.addressOf(route.service)
      if (address) wayOf(known.of(route.service, address), route).guarded.prepare(route.id)
    }
  })
  const router = Router({ caseSensitive: true, strict: true })
  router.use(async (request, response, next) => {
    const [path, query] = partsOf(request.url)
    if (!path.startsWith(PREFIX)) return next()
    const route = routeOf(request.method, path)
    const context = contextOf(response)
    response.locals.operation = route.id
    checkAccess(context.caller, route.callers)
    await route.limit?.(request, context.caller)
    route.input.checkQuery(query)
    const body = await requestBody(request, response, route.input, times.uploadStall)
    const address = upstreams.addressOf(route.service)
    if (!address) throw unavailable(route.service)
    await exchange(known.of(route.service, address), { request, response, route, context, body })
  })

  function routeOf(method: string, path: string): Route {
    if (DOT_SEGMENT.test(path)) throw noOperation()
    const route = upstreams.find(method, path)
    if (route) return route
    const unknown = upstreams.unknownServiceOf(path)
    if (unknown) throw unavailable(unknown)
    const methods = upstreams.methodsOf(path)
    throw methods.length > 0 ? wrongMethod(methods) : noOperation()
  }

  type Exchange = { request: Request; response: Response; route: Route; context: Context; body: Body }

  async function exchange(target: Target, { request, response, route, context, body }: Exchange) {
    if (response.destroyed) return // The client left while its limits were asked: its 'close' is over.
    const usual = usualTime(times, request.method, route)
    const isLong = route.streams || body.upload !== undefined
    const milliseconds = isLong ? usual : Math.max(1, Math.min(usual, context.deadline - clock.now().getTime()))
    const ended = new AbortController()
    const isHurried = milliseconds < HURRY * usual
    const late = () => (isStillSent(request, body) ? bodyTooSlow() : new TimedOut(milliseconds, isHurried))
    const timer = setTimeout(() => ended.abort(late()), milliseconds)
    const closed = Promise.withResolvers<void>()
    response.once('close', () => {
      closed.resolve()
      clearTimeout(timer)
      if (!response.writableFinished) ended.abort(new Error('The client is gone'))
    })
    const options = {
      method: request.method as Dispatcher.HttpMethod,
      path: target.base + request.url.slice(target.prefix.length),
      headers: headersOf(request, context, route, isLong ? undefined : milliseconds),
      body: body.bytes ?? body.upload ?? null
    }
    const sending = { request: options, response, signal: ended.signal, bodyFailure: body.failure }
    const { pool, guarded, places } = wayOf(target, route)
    const send = async () => {
      const begun = await forward(pool, sending)
      if (route.streams) return withoutEnd(begun)
      clearTimeout(timer)
      limitReading(response, times)
      return begun
    }
    const attempt = () => guarded.run(route.id, ended.signal, send)
    const attempts = async () => {
      target.budget.called()
      await attempt().catch(error => {
        if (body.upload || !mayRepeat(request.method, error) || !target.budget.take()) throw error
        target.retried(route.id)
        return attempt()
      })
      await closed.promise
    }
    try {
      await places(clientOf(request, context.caller), ended.signal, attempts)
    } catch (error) {
      if (!response.destroyed) throw body.failure() ?? problemOf(error, route.service)
    }
  }
  return { router, close: () => known.close() }
}

/** The connections and the limits of an operation's requests. */
function wayOf(target: Target, { streams, input }: Route) {
  if (streams) return target.streams
  return input.upload ? target.uploads : target.requests
}

/** The circuit counts the begin of a stream: at its end it would say nothing new. */
function withoutEnd({ status, whole }: Begun) {
  whole.catch(() => undefined) // `forward` has broken off the reader's connection.
  return { status }
}

/** Breaks off an answer that takes too long. Node's time-out of a connection sees the bytes of one write that are read slowly. */
function limitReading(response: Response, { stall, answer }: ProxyTimes) {
  if (response.destroyed) return // A short answer is over before its begin is known here.
  response.setTimeout(stall, () => response.destroy())
  const timer = setTimeout(() => response.destroy(), answer)
  response.once('close', () => clearTimeout(timer))
}

const isStillSent = (request: Request, { upload }: Body) => upload !== undefined && !request.complete

const noOperation = () => notFound('There is no such operation')

/** 405 with what the path takes (RFC 9110, section 15.5.6). */
const wrongMethod = (methods: string[]) =>
  new Problem(405, 'method-not-allowed', 'Another method is needed', { headers: { Allow: methods.join(', ') } })

/** A read, or what was never sent. */
const mayRepeat = (method: string, error: unknown) =>
  error instanceof ConnectionFailed && (isRead(method) || (error.cause as { code?: string }).code === 'ECONNREFUSED')

function problemOf(error: unknown, service: string) {
  if (error instanceof TimedOut) {
    return new Problem(504, 'timed-out', 'No answer in time', { detail: `${service} did not answer`, cause: error })
  }
  if (isRejection(error)) return unavailable(service, OPEN_SECONDS, error)
  return error instanceof ConnectionFailed ? unavailable(service, 1, error) : error
}

/** Path and query of a request target that the chassis has checked (`strict-http`). */
function partsOf(url: string): [path: string, query: string] {
  const end = url.indexOf('?')
  return end < 0 ? [url, ''] : [url.slice(0, end), url.slice(end + 1)]
}
