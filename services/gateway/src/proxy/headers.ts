import type { Context } from '@bulkhead/chassis/core'
import type { Request } from 'express'
import { networkOf } from '../limits/clients.ts'
import { publicPrefix, type Route } from '../routing/route-table.ts'

/** The headers that a service gets. All others, such as cookies and hop-by-hop headers, end here. */
const REQUEST_HEADERS = [
  'accept',
  'accept-language',
  'authorization',
  'content-type',
  'if-match',
  'if-none-match',
  'idempotency-key'
]
/** An upload is sent on as it arrives, so only the client knows its length. */
const UPLOAD_HEADERS = [...REQUEST_HEADERS, 'content-length']

/** The headers of a request to a service. `milliseconds` is the time until its deadline; undefined if it has none. */
export function headersOf(request: Request, context: Context, route: Route, milliseconds: number | undefined) {
  const headers: Record<string, string> = {
    traceparent: context.traceparent,
    'x-request-id': context.requestId,
    // Lets services name the path that the client knows. No standard has this header.
    'x-forwarded-prefix': publicPrefix(route.service),
    // The address that the rate limits count. A client's own claim ends here.
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
