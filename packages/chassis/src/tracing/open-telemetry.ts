import { SpanKind as ApiKind, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, RandomIdGenerator, TracerProvider } from '@opentelemetry/sdk-trace'
import type { SpanKind, Tracer } from '../core/index.ts'
import { countingQueue, type QueueCounts } from './counting-queue.ts'
import { type SamplerSettings, spanSampler } from './sampler.ts'
import { recordingSpan } from './span.ts'
import { contextOf, traceparentOf } from './traceparent.ts'

/** The settings of the tracer. */
export type TracingOptions = SamplerSettings & {
  /** The base URL of the OTLP receiver (HTTP), to which `/v1/traces` is added. */
  endpoint: string
  /** Additional headers of the exporter's requests, such as those that authenticate it. */
  headers: Record<string, string>
  /** The attributes `service.name`, `service.version` and `service.namespace` of all spans. */
  service: { name: string; version: string; namespace: string }
  counts: QueueCounts
}

/** A tracer that sends its spans to an OTLP receiver. */
export type OpenTelemetry = {
  tracer: Tracer
  /** Sends the spans that wait, for at most `milliseconds`, and stops. Never rejects. */
  stop(milliseconds: number): Promise<void>
}

/** The time-out of an export with its retries (ms). */
const EXPORT_MS = 10_000

const KINDS: Record<SpanKind, ApiKind> = {
  server: ApiKind.SERVER,
  client: ApiKind.CLIENT,
  producer: ApiKind.PRODUCER,
  consumer: ApiKind.CONSUMER,
  internal: ApiKind.INTERNAL
}

/** Creates the tracer of a service with OpenTelemetry's SDK. */
export function openTelemetry({ endpoint, headers, service, counts, ...sampling }: TracingOptions): OpenTelemetry {
  const url = `${endpoint.replace(/\/$/, '')}/v1/traces`
  const queue = countingQueue(new OTLPTraceExporter({ url, headers, timeoutMillis: EXPORT_MS }), counts)
  const isSampled = spanSampler(sampling)
  const ids = new RandomIdGenerator()
  /** The ID of the trace of the span that is being started. */
  let traceId = ''
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': service.name,
      'service.version': service.version,
      'service.namespace': service.namespace
    }),
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => traceId, generateSpanId: ids.generateSpanId },
    spanProcessors: [queue.processor]
  })
  const source = provider.getTracer('@bulkhead/chassis')
  return {
    tracer: {
      start({ name, kind, parent, links = [], attributes }) {
        const parentContext = parent === undefined ? undefined : contextOf(parent)
        traceId = parentContext?.traceId ?? ids.generateTraceId()
        // The SDK gets only sampled spans, because the others would take almost as much of its time.
        if (!isSampled(traceId, parentContext)) return { traceparent: `00-${traceId}-${ids.generateSpanId()}-00` }
        const context = parentContext ? trace.setSpanContext(ROOT_CONTEXT, parentContext) : ROOT_CONTEXT
        const linked = links.flatMap(link => contextOf(link) ?? [])
        const options = { kind: KINDS[kind], links: linked.map(link => ({ context: link })) }
        const span = source.startSpan(name, options, context)
        if (attributes) span.setAttributes(attributes)
        const traceparent = traceparentOf(span.spanContext())
        return { traceparent, span: recordingSpan(span, traceparent) }
      }
    },
    stop: queue.stop
  }
}
