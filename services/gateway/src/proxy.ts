import { pipeline } from 'node:stream/promises'
import { checkAccess } from '@bulkhead/chassis/access'
import type { Context } from '@bulkhead/chassis/context'
import { BODY_LIMIT } from '@bulkhead/chassis/operation'
import { notFound, tooLarge, unavailable } from '@bulkhead/chassis/problem'
import { contextOf } from '@bulkhead/chassis/routes'
import { type Request, type Response, Router } from 'express'
import { Agent, request as call, type Dispatcher } from 'undici'
import type { Upstreams } from './upstreams.ts'

const PREFIX = '/api/v1/'
const CONNECTIONS = 50

/** What goes on to a service. Anything else of a request, such as cookies and hop-by-hop headers, ends here. */
const REQUEST_HEADERS = ['accept', 'authorization', 'content-type', 'if-match', 'if-none-match', 'idempotency-key']
/** What comes back of an answer. */
const ANSWER_HEADERS = ['content-type', 'etag', 'location', 'retry-after', 'www-authenticate', 'cache-control']

/** Sends requests below /api/v1/ on to the service whose operation they name. Call `close` when the last one is answered. */
export function proxy(upstreams: Upstreams) {
  const agent = new Agent({ connections: CONNECTIONS })
  const router = Router({ caseSensitive: true, strict: true })
  router.use(async (request, response) => {
    const operation = request.path.startsWith(PREFIX) ? upstreams.find(request.method, request.path) : null
    if (!operation) throw notFound('There is no such operation')
    const context = contextOf(response)
    response.locals.operation = operation.id
    checkAccess(context.caller, operation.callers)
    const address = upstreams.addressOf(operation.service)
    if (!address) throw unavailable(operation.service)
    const path = request.url.slice(PREFIX.length + operation.service.length)
    await answer(response, await exchange(agent, `${address}${path}`, operation.service, request, context))
  })
  return { router, close: () => agent.close() }
}

async function exchange(agent: Agent, url: string, service: string, request: Request, context: Context) {
  if (Number(request.get('content-length') ?? 0) > BODY_LIMIT) throw tooLarge(BODY_LIMIT)
  const left = Math.max(1, context.deadline - Date.now())
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  try {
    return await call(url, {
      dispatcher: agent,
      method: request.method as Dispatcher.HttpMethod,
      headers: {
        ...chosen(REQUEST_HEADERS, request.headers),
        traceparent: context.traceparent,
        'x-request-id': context.requestId,
        'x-timeout-ms': String(left)
      },
      body: hasBody ? request : null,
      headersTimeout: left,
      bodyTimeout: left
    })
  } catch (error) {
    throw unavailable(service, 1, error)
  }
}

async function answer(response: Response, { statusCode, headers, body }: Dispatcher.ResponseData) {
  response.status(statusCode).set(chosen(ANSWER_HEADERS, headers))
  await pipeline(body, response)
}

const chosen = (names: string[], headers: Record<string, string | string[] | undefined>) =>
  Object.fromEntries(names.flatMap(name => (headers[name] === undefined ? [] : [[name, String(headers[name])]])))
