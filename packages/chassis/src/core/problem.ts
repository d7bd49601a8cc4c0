/** One invalid place in an input. `pointer` is an RFC 6901 JSON pointer: `/path`, or a place below `/body`, `/query`, `/params` or `/headers`. */
export type InvalidPlace = { pointer: string; detail: string }

/** Places that one answer names: a body of some MiB can be wrong in a million. */
const MOST_PLACES = 100

type ProblemOptions = {
  /** What a caller may know beyond the title. Never the cause of a 5xx. */
  detail?: string
  errors?: InvalidPlace[]
  /** Headers of the answer, such as `Retry-After`. */
  headers?: Record<string, string>
  /** Logged, never sent. */
  cause?: unknown
}

/** The one error class that becomes an answer (RFC 9457). Anything else that is thrown is answered as a bare 500. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly type: string
  readonly status: number
  readonly detail: string | undefined
  readonly errors: InvalidPlace[] | undefined
  readonly headers: Record<string, string>

  /** `type` is the last part of the URN `urn:bulkhead:problem:<type>`; `status` an HTTP status from 400 to 599. */
  constructor(status: number, type: string, title: string, { detail, errors, headers, cause }: ProblemOptions = {}) {
    super(title, { cause })
    this.status = status
    this.type = type
    this.detail = detail
    this.errors = errors
    this.headers = headers ?? {}
  }

  /** The problem's `application/problem+json` document. `instance` is the request's path. */
  toDocument(instance: string) {
    const more = (this.errors?.length ?? 0) - MOST_PLACES
    const detail = more > 0 ? `${this.detail ? `${this.detail}; ` : ''}${more} more places are wrong` : this.detail
    return {
      type: `urn:bulkhead:problem:${this.type}`,
      title: this.message,
      status: this.status,
      ...(detail !== undefined && { detail }),
      instance,
      ...(this.errors && { errors: this.errors.slice(0, MOST_PLACES) })
    }
  }
}

/** 400 for an input that breaks its schema or cannot be read. */
export const invalidInput = (errors: InvalidPlace[], detail?: string) =>
  new Problem(400, 'invalid-input', 'The request is not valid', { errors, ...(detail && { detail }) })

/** 401 for a token that is no good, with the challenge of RFC 6750, section 3. `detail` has no quotes. */
export const unauthenticated = (detail: string) =>
  new Problem(401, 'unauthenticated', 'A valid token is needed', {
    detail,
    headers: { 'WWW-Authenticate': `Bearer error="invalid_token", error_description="${detail}"` }
  })

/** 401 for who sent no token: the challenge names no error then (RFC 6750, section 3.1). */
export const tokenNeeded = () =>
  new Problem(401, 'unauthenticated', 'A valid token is needed', {
    detail: 'This operation needs a token',
    headers: { 'WWW-Authenticate': 'Bearer' }
  })

/** 403: the caller is known and not among those the operation names. */
export const forbidden = (detail: string) => new Problem(403, 'forbidden', 'Not allowed', { detail })

/** 404 for what does not exist and, alike, for what is another's. */
export const notFound = (detail?: string) => new Problem(404, 'not-found', 'Not found', detail ? { detail } : {})

/** 409: the state of the resource forbids the change. */
export const conflict = (type: string, title: string, detail?: string, cause?: unknown) =>
  new Problem(409, type, title, { cause, ...(detail && { detail }) })

/** 408 for a body that does not come in time. What is left of it is not read. */
export const bodyTooSlow = () =>
  new Problem(408, 'body-too-slow', 'The body did not come in time', { headers: { Connection: 'close' } })

/** 413 for a body over `limit` bytes. */
export const tooLarge = (limit: number) =>
  new Problem(413, 'too-large', 'The body is too large', { detail: `At most ${limit} bytes` })

/** 415: `type` is the media type that would be taken. */
export const unsupportedMediaType = (type: string) =>
  new Problem(415, 'unsupported-media-type', 'Another media type is needed', {
    detail: `Send Content-Type: ${type}`,
    headers: { Accept: type }
  })

/** 429: the client must wait `retryAfter` seconds. `limit` says in words what the limit is; `headers` come with the answer. */
export const tooManyRequests = (limit: string, retryAfter: number, headers: Record<string, string> = {}) =>
  new Problem(429, 'too-many-requests', 'Too many requests', {
    detail: `${limit}: try again in ${retryAfter} s`,
    headers: { 'Retry-After': String(retryAfter), ...headers }
  })

/**
 * 503: something the operation needs is away. `retryAfter` in seconds. `what` is shown to the caller, `cause` only logged.
 */
export const unavailable = (what: string, retryAfter = 1, cause?: unknown) =>
  new Problem(503, 'unavailable', 'Not available at the moment', {
    detail: `${what} is not available`,
    headers: { 'Retry-After': String(retryAfter) },
    cause
  })

/** Returns `value`, or throws a 404 where it is null or undefined. */
export function orNotFound<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw notFound()
  return value
}
