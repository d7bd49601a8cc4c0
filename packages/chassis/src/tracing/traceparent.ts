import type { SpanContext } from '@opentelemetry/api'

const PARTS = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** Parses a W3C traceparent. Returns undefined if it is malformed. */
export function contextOf(traceparent: string): SpanContext | undefined {
  if (!PARTS.test(traceparent)) return undefined
  const traceFlags = Number.parseInt(traceparent.slice(53), 16)
  return { traceId: traceparent.slice(3, 35), spanId: traceparent.slice(36, 52), traceFlags, isRemote: true }
}

/** Formats the W3C traceparent of a span. */
export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
