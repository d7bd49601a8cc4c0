import type { Context } from '@bulkhead/chassis/core'
import type { Request } from 'express'
import { networkOf } from './rate-limits.ts'
import { PREFIX, type Route } from './routing.ts'

/** A service gets these. All others, such as cookies and hop-by-hop headers, end here. */
const REQUEST_HEADERS = [
  'accept',
  'accept-language',
  'authorization',
  'content-type',
  'if-match',
  'if-none-match',
  'idempotency-key'
]
/** An upload is sent on as it comes in, so that only the client knows its length. */
const UPLOAD_HEADERS = [...REQUEST_HEADERS, 'content-length']

/** The headers of a request to a service. `milliseconds` is the time it has; undefined where it has no deadline. */
export function headersOf(request: Request, context: Context, route: Route, milliseconds: number | undefined) {
  const headers: Record<string, string> = {
    traceparent: context.traceparent,
    'x-request-id': context.requestId,
    // Services name the path that the client knows. The header belongs to no standard.
    'x-forwarded-prefix': PREFIX + route.service,
    // The address that the limits of rates count. A client's own claim ends here.
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
