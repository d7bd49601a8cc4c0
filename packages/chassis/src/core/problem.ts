/**
 * One invalid place in an input. `pointer` is a JSON pointer (RFC 6901): `/path`, or a place below `/body`, `/query`, `/params` or
 * `/headers`.
 */
export type InvalidPlace = { pointer: string; detail: string }

/** Maximum number of places that one answer names. A body of a few MiB can be wrong in a million places. */
const MAX_PLACES = 100

type ProblemOptions = {
  /** Text for the caller that adds to the title. It never names the cause of a 5xx. */
  detail?: string | undefined
  errors?: InvalidPlace[]
  /** Headers of the answer, such as `Retry-After`. */
  headers?: Record<string, string>
  /** The cause of the problem. It is logged, and never sent. */
  cause?: unknown
}

/** A problem as it is sent (RFC 9457). */
type ProblemDocument = {
  type: string
  title: string
  status: number
  detail: string | undefined
  instance: string
  errors: InvalidPlace[] | undefined
}

/** The one error class that becomes an answer (RFC 9457). Any other error is answered with a 500 without details. */
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

  /** Returns the problem's `application/problem+json` document. JSON leaves out its undefined fields. `instance` is the request's path. */
  toDocument(instance: string): ProblemDocument {
    const more = (this.errors?.length ?? 0) - MAX_PLACES
    const detail = more > 0 ? `${this.detail ? `${this.detail}; ` : ''}${more} more places are wrong` : this.detail
    return {
      type: `urn:bulkhead:problem:${this.type}`,
      title: this.message,
      status: this.status,
      detail,
      instance,
      errors: this.errors?.slice(0, MAX_PLACES)
    }
  }
}

/** 400: the input does not match its schema or cannot be read. */
export const invalidInput = (errors: InvalidPlace[], detail?: string) =>
  new Problem(400, 'invalid-input', 'The request is not valid', { errors, detail })

/**
 * 401: the token is not valid. The answer has the challenge of RFC 6750, section 3. `detail` must not have quotes, because a quote would
 * end its text in the challenge.
 */
export const unauthenticated = (detail: string) =>
  new Problem(401, 'unauthenticated', 'A valid token is needed', {
    detail,
    headers: { 'WWW-Authenticate': `Bearer error="invalid_token", error_description="${detail}"` }
  })

/** 401: the request has no token. The challenge then names no error (RFC 6750, section 3.1). */
export const tokenNeeded = () =>
  new Problem(401, 'unauthenticated', 'A valid token is needed', {
    detail: 'This operation needs a token',
    headers: { 'WWW-Authenticate': 'Bearer' }
  })

/** 403: the operation is not for this caller. */
export const forbidden = (detail: string) => new Problem(403, 'forbidden', 'Not allowed', { detail })

/**
 * 404: the resource does not exist, or belongs to someone else. The answer is the same in both cases, so that it does not reveal which one
 * applies.
 */
export const notFound = (detail?: string) => new Problem(404, 'not-found', 'Not found', { detail })

/** 409: the state of the resource forbids the change. `cause` is only logged. */
export const conflict = (type: string, title: string, detail?: string, cause?: unknown) =>
  new Problem(409, type, title, { cause, detail })

/** 408: the body did not arrive in time. The rest of it is not read. */
export const bodyTooSlow = () =>
  new Problem(408, 'body-too-slow', 'The body did not arrive in time', { headers: { Connection: 'close' } })

/** 413: the body is larger than `limit` bytes. */
export const tooLarge = (limit: number) =>
  new Problem(413, 'too-large', 'The body is too large', { detail: `At most ${limit} bytes` })

/** 415: the body does not have the media type `type`, which the operation accepts. */
export const unsupportedMediaType = (type: string) =>
  new Problem(415, 'unsupported-media-type', 'The media type is not supported', {
    detail: `Send Content-Type: ${type}`,
    headers: { Accept: type }
  })

/** 429: the client must wait `retryAfter` seconds. `limit` describes the limit in words; `headers` are more headers of the answer. */
export const tooManyRequests = (limit: string, retryAfter: number, headers: Record<string, string> = {}) =>
  new Problem(429, 'too-many-requests', 'Too many requests', {
    detail: `${limit}: try again in ${retryAfter} s`,
    headers: { 'Retry-After': String(retryAfter), ...headers }
  })

/**
 * 503: the operation needs something that is not available. The caller sees its `name`; `cause` is only logged. `retryAfter` is in seconds.
 */
export const unavailable = (name: string, retryAfter = 1, cause?: unknown) =>
  new Problem(503, 'unavailable', 'Not available at the moment', {
    detail: `${name} is not available`,
    headers: { 'Retry-After': String(retryAfter) },
    cause
  })

/** Returns `value`. Throws a 404 if it is null or undefined. */
export function orNotFound<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw notFound()
  return value
}
