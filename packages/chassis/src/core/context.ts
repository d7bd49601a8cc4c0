import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Caller } from './caller.ts'

/** What a request or an event carries through every call, event and log line. */
export type Context = {
  requestId: string
  /** W3C Trace Context, level 1. */
  traceparent: string
  /** When the caller stops waiting, in milliseconds since the epoch. */
  deadline: number
  log: Logger
  caller: Caller
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const PREFIX = /^(\/[\w.-]{1,100}){1,10}$/
const REQUEST_ID = /^[\w.:/+=-]{1,128}$/

/**
 * The trace of a request, from its `traceparent` header: the caller's trace with a span of our own, or a new sampled trace where
 * there is none or a malformed one (W3C Trace Context, section 4.3).
 */
export function continueTrace(header: string | undefined): string {
  if (header === undefined || !TRACEPARENT.test(header)) return `00-${randomDigits(32)}-${randomDigits(16)}-01`
  return `${header.slice(0, 36)}${randomDigits(16)}${header.slice(52)}`
}

/** The 32 hexadecimal digits of a traceparent that name its trace. */
export const traceIdOf = (traceparent: string) => traceparent.slice(3, 35)

/** The caller's request ID where it is one that is safe to log, else the trace's ID. */
export const requestIdOf = (header: string | undefined, traceparent: string) =>
  header !== undefined && REQUEST_ID.test(header) ? header : traceIdOf(traceparent)

/** IDs that a client claims and nobody continues: they are logged only. */
export type ClaimedIds = { clientRequestId?: string | undefined; clientTraceId?: string | undefined }

/** The IDs in the `X-Request-Id` and `traceparent` headers of a client, each if it is safe to log. */
export const claimedIds = (requestId: string | undefined, traceparent: string | undefined): ClaimedIds => ({
  clientRequestId: requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : undefined,
  clientTraceId: traceparent !== undefined && TRACEPARENT.test(traceparent) ? traceIdOf(traceparent) : undefined
})

/** What the gateway took off the path that the client asked for, from the `X-Forwarded-Prefix` header; '' where that is no path. */
export const prefixOf = (header: string | undefined) => (header !== undefined && PREFIX.test(header) ? header : '')

/** When a request must be answered, from its `X-Timeout-Ms` header and the most that we allow, both in milliseconds. */
export function deadlineOf(header: string | undefined, mostMs: number, now: number): number {
  const asked = header === undefined ? Number.NaN : Number(header)
  return now + (asked >= 0 ? Math.min(asked, mostMs) : mostMs)
}

/** Up to 32 random hexadecimal digits, never all zero: those of a random UUID, whose version is not zero. */
const randomDigits = (count: number) => randomUUID().replaceAll('-', '').slice(0, count)
