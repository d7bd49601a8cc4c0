import { checkAccess } from '@bulkhead/chassis/access'
import { ConnectionFailed, defaultLimits, isRejection, TimedOut } from '@bulkhead/chassis/client-policy'
import type { Clock } from '@bulkhead/chassis/clock'
import type { Context } from '@bulkhead/chassis/context'
import { notFound, Problem, unavailable } from '@bulkhead/chassis/problem'
import { contextOf } from '@bulkhead/chassis/routes'
import { type Request, type Response, Router } from 'express'
import type { Registry } from 'prom-client'
import type { Dispatcher } from 'undici'
import { forward } from './forward.ts'
import { clientOf, networkOf } from './rate-limits.ts'
import { type Body, requestBody } from './request-body.ts'
import { PREFIX, type Route } from './routing.ts'
import type { StreamLimits } from './stream-places.ts'
import { type Target, targets } from './targets.ts'
import type { Upstreams } from './upstreams.ts'

/** What goes on to a service. Anything else of a request, such as cookies and hop-by-hop headers, ends here. */
const REQUEST_HEADERS = [
  ...['accept', 'accept-language', 'authorization', 'content-type', 'if-match', 'if-none-match', 'idempotency-key']
]
/** Of what has no deadline: the service's own limit goes for an upload, and its length is not known otherwise. */
const UPLOAD_HEADERS = [...REQUEST_HEADERS, 'content-length']

const OPEN_SECONDS = Math.ceil(defaultLimits.breaker.halfOpenAfter / 1000)
const UPLOAD_MS = 600_000
/** Longer than the minute after which services end a stream. */
const STREAM_MS = 120_000
const CHANGE_MS = 10_000
/** A service's own calls take a second each at most: a read that takes longer will not come, and many may wait for it. */
const READ_MS = 5_000
/** A time-out below this part of the usual one is the caller's hurry, and says nothing about the service. */
const HURRY = 0.9

/** A client or a proxy may resolve it to another path (RFC 3986, section 6.2.2.3). */
const DOT_SEGMENT = /\/\.{1,2}(\/|$)/

type ProxyDeps = { upstreams: Upstreams; clock: Clock; registry: Registry; streams: StreamLimits }

/** Sends requests below /api/v1/ on to the service whose operation they name. Call `close` when the last one is answered. */
export function proxy({ upstreams, clock, registry, streams }: ProxyDeps) {
  const known = targets(registry, streams)
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
    const body = await requestBody(request, response, route.input)
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
    const usual = route.streams ? STREAM_MS : usualTime(request.method, body)
    const isLong = route.streams || body.upload !== undefined
    const milliseconds = isLong ? usual : Math.max(1, Math.min(usual, context.deadline - clock.now().getTime()))
    if (route.streams) response.once('close', target.streams.takePlace(clientOf(request, context.caller)))
    const ended = new AbortController()
    const late = () => ended.abort(new TimedOut(milliseconds, milliseconds < HURRY * usual))
    const timer = setTimeout(late, milliseconds)
    response.once('close', () => {
      clearTimeout(timer)
      if (!response.writableFinished) ended.abort(new Error('The client is gone'))
    })
    const options = {
      method: request.method as Dispatcher.HttpMethod,
      path: target.base + request.url.slice(target.prefix.length),
      headers: headersOf(request, context, route, isLong ? undefined : milliseconds),
      body: body.bytes ?? body.upload ?? null
    }
    const { pool, guarded } = wayOf(target, route, body)
    const send = () => forward(pool, options, response, ended.signal)
    const attempt = () => guarded(ended.signal, route.streams ? () => send().then(begun) : send)
    try {
      target.budget.called()
      await attempt().catch(error => {
        if (body.upload || !mayRepeat(request.method, error) || !target.budget.take()) throw error
        target.retried(route.id)
        return attempt()
      })
    } catch (error) {
      if (!response.destroyed) throw body.failure() ?? problemOf(error, route.service)
    }
  }
  return { router, close: () => known.close() }
}

/** By which connections a request goes, and whose places it takes. */
function wayOf(target: Target, { streams }: Route, { upload }: Body) {
  if (streams) return target.streams
  return upload ? target.uploads : target.requests
}

/** What the circuit counts of a stream: it would wait for the end of the one that it tries a service with, and others with it. */
function begun({ status, whole }: { status: number; whole: Promise<void> }) {
  whole.catch(() => undefined) // `forward` has broken off the reader's connection.
  return { status }
}

/** Milliseconds that a request may take where its caller is in no hurry. */
function usualTime(method: string, { upload }: Body) {
  if (upload) return UPLOAD_MS
  return isRead(method) ? READ_MS : CHANGE_MS
}

const isRead = (method: string) => method === 'GET' || method === 'HEAD'

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

function headersOf(request: Request, context: Context, route: Route, milliseconds: number | undefined) {
  const headers: Record<string, string> = {
    traceparent: context.traceparent,
    'x-request-id': context.requestId,
    // Not of any standard; that services may name the path that the client knows.
    'x-forwarded-prefix': PREFIX + route.service,
    // As the limits of rates know the client: what it claims itself does not get this far.
    'x-forwarded-for': networkOf(request.ip ?? '')
  }
  const names = [...(milliseconds === undefined ? UPLOAD_HEADERS : REQUEST_HEADERS), ...route.headers]
  if (milliseconds !== undefined) headers['x-timeout-ms'] = String(milliseconds)
  for (const name of names) {
    const value = request.headers[name]
    if (value !== undefined) headers[name] = String(value)
  }
  const cookies = request.headers.cookie?.split(/; */).filter(cookie => route.cookies.includes(cookie.split('=')[0]!))
  if (cookies?.length) headers.cookie = cookies.join('; ')
  return headers
}

/** Path and query of a request target that the chassis has checked (`strict-http`). */
function partsOf(url: string): [path: string, query: string] {
  const end = url.indexOf('?')
  return end < 0 ? [url, ''] : [url.slice(0, end), url.slice(end + 1)]
}
