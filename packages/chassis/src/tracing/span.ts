import { type Span as ApiSpan, SpanStatusCode } from '@opentelemetry/api'
import type { Span, SpanAttributes } from '../core/index.ts'

/** Wraps a span of the SDK. */
export const recordingSpan = (span: ApiSpan, traceparent: string): Span => ({
  traceparent,
  rename: name => void span.updateName(name),
  set: attributes => void span.setAttributes(attributes),
  end(error) {
    if (error !== undefined) {
      const failure: SpanAttributes = { 'error.type': errorType(error) }
      span.setAttributes(failure)
      span.setStatus({ code: SpanStatusCode.ERROR })
    }
    span.end()
  }
})

/** Returns the value of `error.type`: a text as it is, else the code or the class of the error. Its message may contain data of people. */
function errorType(error: unknown): string {
  if (typeof error === 'string') return error
  if (!(error instanceof Error)) return '_OTHER'
  const { code, name } = error as { code?: unknown; name: string }
  return typeof code === 'string' ? code : name
}
