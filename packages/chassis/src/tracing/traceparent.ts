import type { SpanContext } from '@opentelemetry/api'
import { isTraceparent, traceIdOf } from '../core/index.ts'

/** Parses a W3C traceparent. Returns undefined if it is malformed. */
export function contextOf(traceparent: string): SpanContext | undefined {
  if (!isTraceparent(traceparent)) return undefined
  const traceFlags = Number.parseInt(traceparent.slice(53), 16)
  return { traceId: traceIdOf(traceparent), spanId: traceparent.slice(36, 52), traceFlags, isRemote: true }
}

/** Formats the W3C traceparent of a span. */
export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
