import type { Context } from '@bulkhead/chassis/core'
import type { Request } from 'express'
import { networkOf } from '../limits/clients.ts'
import { publicPrefix, type Route } from '../routing/route-table.ts'

/** The headers that are passed to a service. All other headers, such as cookies and hop-by-hop headers, are removed. */
const REQUEST_HEADERS = [
  'accept',
  'accept-language',
  'authorization',
  'content-type',
  'if-match',
  'if-none-match',
  'idempotency-key'
]
/** The headers for an upload. An upload is passed on while it arrives, so only the client knows its length. */
const UPLOAD_HEADERS = [...REQUEST_HEADERS, 'content-length']

/** Returns the headers of a request to a service. `milliseconds` is the time until its deadline; undefined if it has none. */
export function headersOf(request: Request, context: Context, route: Route, milliseconds: number | undefined) {
  const headers: Record<string, string> = {
    traceparent: context.traceparent,
    'x-request-id': context.requestId,
    // Lets services use the path that the client sees. There is no standard header for this.
    'x-forwarded-prefix': publicPrefix(route.service),
    // The address that the rate limits count. The value that a client sent is dropped.
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
