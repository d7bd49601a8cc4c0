import { AsyncLocalStorage } from 'node:async_hooks'
import { continueTrace, isSampled, traceIdOf } from './context.ts'
import type { SpanAttributes } from './span-attributes.ts'

/** The role of a span, as OpenTelemetry defines it. */
export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal'

/** The start of a span. */
export type SpanStart = {
  /** One of few names, such as the ID of an operation. It never contains an ID of data. */
  name: string
  kind: SpanKind
  /** The traceparent of the span that caused this one. Undefined, or malformed, for the first span of a trace. */
  parent: string | undefined
  /** The traceparents of other spans that this one continues. */
  links?: string[] | undefined
  attributes?: SpanAttributes
}

/** A sampled span that is not over yet. */
export type Span = {
  /** The W3C traceparent of this span, for the calls and events that it causes. */
  readonly traceparent: string
  rename(name: string): void
  set(attributes: SpanAttributes): void
  /** Ends the span. `error` marks it as failed: an error, of which only the class or the code is recorded, or the value of `error.type`. */
  end(error?: unknown): void
}

/** A span, or only its traceparent if it is not sampled. */
export type StartedSpan = { traceparent: string; span?: Span | undefined }

/** Starts spans. Its sampler decides which ones are recorded. */
export type Tracer = { start(options: SpanStart): StartedSpan }

/** The tracer of this process. There is one for each process, like the async context that it uses. */
let tracer: Tracer | undefined
const active = new AsyncLocalStorage<Span | undefined>()

/** Sets the tracer of this process. Without one, nothing is recorded and each of the functions below costs next to nothing. */
export function useTracer(used: Tracer | undefined): void {
  tracer = used
}

/** Returns whether this process records spans. */
export const isTracing = (): boolean => tracer !== undefined

/**
 * Starts the first span of this process in a trace. `header` is the traceparent of the caller; undefined or malformed for a new trace,
 * which the sampler then samples or not. Without a tracer, returns what `continueTrace` returns.
 */
export function startTrace(header: string | undefined, start: Omit<SpanStart, 'parent'>): StartedSpan {
  return tracer ? tracer.start({ ...start, parent: header }) : { traceparent: continueTrace(header) }
}

/**
 * Returns a new trace that has no spans, for work that neither a request nor an event caused. With a tracer it is not sampled, because a
 * sweep that finds nothing would fill the backend.
 */
export function untracedTrace(): string {
  const traceparent = continueTrace(undefined)
  return tracer ? `${traceparent.slice(0, -2)}00` : traceparent
}

/** Starts a span. Returns undefined without a tracer, and if the trace of the parent is not sampled. */
export const startSpan = (start: SpanStart & { parent: string }): Span | undefined =>
  tracer && isSampled(start.parent) ? tracer.start(start).span : undefined

/** Starts a span below the active one. Returns undefined if none is active. */
export function startActiveChild(start: Omit<SpanStart, 'parent'>): Span | undefined {
  const parent = active.getStore()
  return parent && tracer?.start({ ...start, parent: parent.traceparent }).span
}

/**
 * Runs `work` in a span that ends when the work settles. `work` gets the traceparent to send on: that of the span, or of the parent if no
 * span was started. If work of another trace starts it, the span links to that trace.
 */
export async function inSpan<T>(
  start: SpanStart & { parent: string },
  work: (traceparent: string) => Promise<T>
): Promise<T> {
  if (!tracer) return work(start.parent)
  const cause = active.getStore()?.traceparent
  const isElsewhere = cause !== undefined && traceIdOf(cause) !== traceIdOf(start.parent)
  const links = isElsewhere ? [...(start.links ?? []), cause] : start.links
  const span = startSpan({ ...start, links })
  try {
    const result = await withSpan(span, () => work(span?.traceparent ?? start.parent))
    span?.end()
    return result
  } catch (error) {
    span?.end(error)
    throw error
  }
}

/** Runs `work` with `span` as the active span, so that the commands that it sends to stores belong to the span. */
export const withSpan = <T>(span: Span | undefined, work: () => T): T => (tracer ? active.run(span, work) : work())

/** Runs `work` without an active span. Use it for shared work that a request only happens to start. */
export const withoutSpan = <T>(work: () => T): T => withSpan(undefined, work)
