import type { Request, Response } from 'express'
import { type Context, type Span, type StartedSpan, startTrace, traceIdOf, withoutSecretIds } from '../core/index.ts'

/** Starts the span of a request, which ends when the answer is sent or the caller has disconnected. `header` is its traceparent. */
export function startRequestSpan(request: Request, response: Response, header: string | undefined): StartedSpan {
  const started = startTrace(header, { name: request.method, kind: 'server' })
  const { span } = started
  if (span) response.once('close', () => endSpan(span, request, response))
  return started
}

/** The values in `response.locals` that the span of a request uses. */
type Locals = { operation?: string; context?: Context }

function endSpan(span: Span, request: Request, response: Response) {
  const { operation, context } = response.locals as Locals
  if (operation !== undefined) span.rename(operation)
  const location = response.getHeader('location')
  const isSent = response.writableFinished
  span.set({
    'http.request.method': request.method,
    'http.request.header.x-request-id': ownRequestId(context),
    'http.response.header.location': location === undefined ? undefined : [withoutSecretIds(String(location))],
    'http.response.status_code': isSent ? response.statusCode : undefined,
    'http.route': routeOf(request),
    'url.path': withoutSecretIds(request.path),
    'url.scheme': request.protocol
  })
  if (!isSent) span.end('disconnected')
  else span.end(response.statusCode >= 500 ? String(response.statusCode) : undefined)
}

/** Returns the request ID, unless it is the trace ID. */
function ownRequestId(context: Context | undefined): string[] | undefined {
  return context && context.requestId !== traceIdOf(context.traceparent) ? [context.requestId] : undefined
}

/** Returns the path of the operation, such as `/orders/:id`. Undefined at the gateway, which has one route for all operations. */
function routeOf({ baseUrl, route }: Request): string | undefined {
  const path: unknown = route?.path
  return typeof path === 'string' ? baseUrl + path : undefined
}
