import { parse } from 'secure-json-parse'
import type { Dispatcher, Pool } from 'undici'
import type { Need } from '../contract/index.ts'
import { type Clock, type Context, startTrace, traceIdOf } from '../core/index.ts'
import { readText, TooManyBytes } from './bounded-body.ts'
import { requestError } from './client-policy.ts'

/** The context of a call. `deadline` is in milliseconds since the epoch. */
export type CallContext = Pick<Context, 'requestId' | 'traceparent' | 'deadline'>

/**
 * Returns the context of a call that neither a request nor an event caused: a new trace, and `milliseconds` for the answer. The first span
 * of the trace has no duration, because only the call knows its own.
 */
export function newCallContext(milliseconds: number, clock: Clock): CallContext {
  const { traceparent, span } = startTrace(undefined, { name: 'background call', kind: 'internal' })
  span?.end()
  return { requestId: traceIdOf(traceparent), traceparent, deadline: clock.now().getTime() + milliseconds }
}

/** The answer to an attempt. `retryAfter` is the header `Retry-After`. */
export type Answer = { status: number; retryAfter: string | undefined; text: string }
/** The input of a call, before the need's schemas check it. */
export type Input = { params?: unknown; query?: unknown; body?: unknown; headers?: unknown }

/**
 * Builds the request of a call. Leaves out fields that the need does not name. Throws for an input that does not match the need's schemas.
 */
export function requestOf(
  { method, path, params, query, body, headers }: Need,
  base: string,
  input: Input,
  context: CallContext
): Dispatcher.RequestOptions {
  const values = (params?.parse(input.params) ?? {}) as Record<string, unknown>
  const filledPath = path.replace(/\{(\w+)\}/g, (_, name: string) => segment(name, values[name]))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries((query?.parse(input.query) ?? {}) as Record<string, unknown>)) {
    for (const item of Array.isArray(value) ? value : [value]) if (item !== undefined) search.append(name, String(item))
  }
  const sentHeaders: Record<string, string> = {
    accept: 'application/json',
    traceparent: context.traceparent,
    'x-request-id': context.requestId
  }
  if (body) sentHeaders['content-type'] = 'application/json'
  Object.assign(sentHeaders, headers?.parse(input.headers))
  return {
    method: method.toUpperCase() as Dispatcher.HttpMethod,
    path: `${base}${filledPath}${search.size > 0 ? `?${search}` : ''}`,
    headers: sentHeaders,
    body: body ? JSON.stringify(body.parse(input.body)) : null
  }
}

/**
 * Encodes a parameter of the path. Throws for an empty text, and for `.` and `..`, which are resolved as a relative path even if they are
 * encoded.
 */
function segment(name: string, value: unknown) {
  const text = String(value ?? '')
  if (/^\.{0,2}$/.test(text)) throw new Error(`The parameter ${name} of a path can't be '${text}'`)
  return encodeURIComponent(text)
}

/**
 * Sends a request and reads the whole answer. Rejects with the reason of the request's signal if it aborts, and with a `requestError` if
 * the connection fails. Rejects with `TooManyBytes` for a body of more than `maxBytes` bytes.
 */
export async function exchange(pool: Pool, request: Dispatcher.RequestOptions, maxBytes: number): Promise<Answer> {
  const failure = (cause: Error) => {
    const signal = request.signal as AbortSignal
    return signal.aborted ? signal.reason : requestError(cause)
  }
  const answer = await pool.request(request).catch(error => Promise.reject(failure(error)))
  const text = await readText(answer.body, maxBytes).catch(error =>
    Promise.reject(error instanceof TooManyBytes ? error : failure(error))
  )
  const retryAfter = answer.headers['retry-after']
  return {
    status: answer.statusCode,
    retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    text
  }
}

/** Parses the fields of an answer that the need reads. Throws an Error that names the operation and the places that break the contract. */
export function readAnswer(operation: string, { reads }: Need, text: string): unknown {
  let document: unknown
  try {
    document = text === '' ? undefined : parse(text)
  } catch (cause) {
    throw new Error(`The answer of ${operation} is not JSON`, { cause })
  }
  const { success, data, error } = reads.safeParse(document)
  if (success) return data
  const places = error.issues.slice(0, 5).map(({ path, message }) => `/${path.join('/')}: ${message}`)
  throw new Error(`The answer of ${operation} breaks its contract: ${places.join('; ')}`)
}
