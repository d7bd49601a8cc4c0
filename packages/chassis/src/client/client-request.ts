import { parse } from 'secure-json-parse'
import type { Dispatcher, Pool } from 'undici'
import type { Need } from '../contract/index.ts'
import { type Clock, type Context, continueTrace, traceIdOf } from '../core/index.ts'
import { readText, TooManyBytes } from './bounded-body.ts'
import { requestError } from './client-policy.ts'

export type CallContext = Pick<Context, 'requestId' | 'traceparent' | 'deadline'>
/** The context of a call that neither a request nor an event caused: with a trace of its own, and `milliseconds` for the answer. */
export function newCallContext(milliseconds: number, clock: Clock): CallContext {
  const traceparent = continueTrace(undefined)
  return { requestId: traceIdOf(traceparent), traceparent, deadline: clock.now().getTime() + milliseconds }
}

export type Answer = { status: number; retryAfter: string | undefined; text: string }
export type Input = { params?: unknown; query?: unknown; body?: unknown; headers?: unknown }

/** The request of a call. What the need doesn't name is not sent; an input that breaks the need's schemas throws. */
export function requestOf(
  { method, path, params, query, body, headers }: Need,
  base: string,
  input: Input,
  context: CallContext
) {
  const values = (params?.parse(input.params) ?? {}) as Record<string, unknown>
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => segment(name, values[name]))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries((query?.parse(input.query) ?? {}) as Record<string, unknown>)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) search.append(name, String(one))
  }
  return {
    method: method.toUpperCase() as Dispatcher.HttpMethod,
    path: `${base}${filled}${search.size > 0 ? `?${search}` : ''}`,
    headers: {
      accept: 'application/json',
      traceparent: context.traceparent,
      'x-request-id': context.requestId,
      ...(body && { 'content-type': 'application/json' }),
      ...((headers?.parse(input.headers) ?? {}) as Record<string, string>)
    },
    ...(body && { body: JSON.stringify(body.parse(input.body)) })
  }
}

/** A path's part. Dots alone are refused: no encoding keeps them from being resolved as a relative path. */
function segment(name: string, value: unknown) {
  const text = String(value ?? '')
  if (/^\.{0,2}$/.test(text)) throw new Error(`'${text}' can't be the path's ${name}`)
  return encodeURIComponent(text)
}

/** Sends and reads to the end, or rejects with the signal's reason, as `failureOf` says, or for a body over `most` bytes. */
export async function exchange(pool: Pool, request: Dispatcher.RequestOptions, most: number): Promise<Answer> {
  const failed = (cause: Error) => {
    const signal = request.signal as AbortSignal
    return signal.aborted ? signal.reason : requestError(cause)
  }
  const answer = await pool.request(request).catch(error => Promise.reject(failed(error)))
  const text = await readText(answer.body, most).catch(error =>
    Promise.reject(error instanceof TooManyBytes ? error : failed(error))
  )
  const retryAfter = answer.headers['retry-after']
  return {
    status: answer.statusCode,
    retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    text
  }
}

/** The answer's JSON by what the need reads of it. Throws an Error that names operation and place for a breach. */
export function read(what: string, { reads }: Need, text: string) {
  let document: unknown
  try {
    document = text === '' ? undefined : parse(text)
  } catch (cause) {
    throw new Error(`${what} answered what is no JSON`, { cause })
  }
  const { success, data, error } = reads.safeParse(document)
  if (success) return data
  const places = error.issues.slice(0, 5).map(({ path, message }) => `/${path.join('/')}: ${message}`)
  throw new Error(`${what} answered what breaks its contract at ${places.join('; ')}`)
}
