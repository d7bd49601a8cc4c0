import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Caller } from './caller.ts'

/** The IDs, the deadline, the log and the caller of a request or an event. Each call, event and log line that it causes uses them. */
export type Context = {
  requestId: string
  /** The trace and the span, in the form of W3C Trace Context, level 1. */
  traceparent: string
  /** When the caller stops waiting, in milliseconds since the epoch. */
  deadline: number
  log: Logger
  caller: Caller
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
/** Returns whether a text is a traceparent (W3C Trace Context, level 1). */
export const isTraceparent = (text: string): boolean => TRACEPARENT.test(text)

const PREFIX = /^(\/[\w.-]{1,100}){1,10}$/
const REQUEST_ID = /^[\w.:/+=-]{1,128}$/

/**
 * Returns the trace of a request, from its `traceparent` header. It is the caller's trace with a new span, or a new sampled trace if the
 * header is missing or malformed (W3C Trace Context, section 4.3).
 */
export function continueTrace(header: string | undefined): string {
  if (header === undefined || !isTraceparent(header)) return `00-${randomDigits(32)}-${randomDigits(16)}-01`
  return `${header.slice(0, 36)}${randomDigits(16)}${header.slice(52)}`
}

/** Returns the trace ID of a traceparent: 32 hexadecimal digits. */
export const traceIdOf = (traceparent: string) => traceparent.slice(3, 35)

/** Returns whether the trace is recorded (W3C Trace Context, level 1, section 3.2.2.5.1). */
export const isSampled = (traceparent: string): boolean => (Number.parseInt(traceparent.slice(53), 16) & 1) === 1

/** Returns the caller's request ID if it is safe to log, else the trace ID. */
export const requestIdOf = (header: string | undefined, traceparent: string) =>
  header !== undefined && REQUEST_ID.test(header) ? header : traceIdOf(traceparent)

/** The IDs that a client sent to the edge. They are only logged: the request gets new IDs. */
export type ClaimedIds = { clientRequestId?: string | undefined; clientTraceId?: string | undefined }

/** Returns the IDs in the `X-Request-Id` and `traceparent` headers of a client. An ID that is not safe to log is undefined. */
export const claimedIds = (requestId: string | undefined, traceparent: string | undefined): ClaimedIds => ({
  clientRequestId: requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : undefined,
  clientTraceId: traceparent !== undefined && isTraceparent(traceparent) ? traceIdOf(traceparent) : undefined
})

/**
 * Returns the prefix that the gateway removed from the client's path, from the `X-Forwarded-Prefix` header; '' if the header is not a path.
 */
export const prefixOf = (header: string | undefined) => (header !== undefined && PREFIX.test(header) ? header : '')

/**
 * Returns the time by which a request must be answered (ms since the epoch). `header` is its `X-Timeout-Ms` header, `mostMs` the maximum
 * time; both are in milliseconds.
 */
export function deadlineOf(header: string | undefined, mostMs: number, now: number): number {
  const asked = header === undefined ? Number.NaN : Number(header)
  return now + (asked >= 0 ? Math.min(asked, mostMs) : mostMs)
}

/**
 * Returns up to 32 random hexadecimal digits, at least 13. They are never all zero, because the 13th digit of a random UUID is its version,
 * 4.
 */
const randomDigits = (count: number) => randomUUID().replaceAll('-', '').slice(0, count)
