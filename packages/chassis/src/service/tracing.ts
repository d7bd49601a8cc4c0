import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { defineCounter, defineGauge, failureLog, register, type ServiceConfig, useTracer } from '../core/index.ts'

const spansTotal = defineCounter({
  name: 'bulkhead_spans_total',
  help: 'Spans by outcome: exported, failed (the receiver did not accept them) or dropped (the queue was full)',
  labels: { outcome: ['exported', 'failed', 'dropped'] }
})

const spansWaiting = defineGauge({
  name: 'bulkhead_spans_waiting',
  help: 'Spans that wait to be sent, or are being sent'
})

/** The metrics of tracing. They exist without tracing too, at 0. */
export const tracingMetrics = [spansTotal, spansWaiting]

type Options = {
  config: ServiceConfig
  service: { name: string; version: string }
  log: Logger
  registry: Registry
}

/** How long (ms) a stopping service waits until its last spans are sent. */
const STOP_MS = 2_000

/**
 * Starts to trace this process if `OTEL_EXPORTER_OTLP_ENDPOINT` is set. OpenTelemetry is loaded only then. Returns a function that sends
 * the last spans, for at most two seconds, and never rejects.
 */
export async function startTracing({ config, service, log, registry }: Options): Promise<() => Promise<void>> {
  const spans = register(registry, spansTotal)
  const waiting = register(registry, spansWaiting)
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!endpoint || config.OTEL_SDK_DISABLED) return async () => undefined
  const exporting = failureLog(log, `Spans cannot be sent to ${new URL(endpoint).host}`)
  const { openTelemetry } = await import('../tracing/index.ts')
  const { tracer, stop } = openTelemetry({
    endpoint,
    headers: config.OTEL_EXPORTER_OTLP_HEADERS,
    service: { ...service, namespace: config.SERVICES_NAMESPACE },
    sampler: config.OTEL_TRACES_SAMPLER,
    ratio: config.OTEL_TRACES_SAMPLER_ARG,
    counts: {
      waiting: count => waiting.set(count),
      exported(count) {
        spans.inc({ outcome: 'exported' }, count)
        exporting.succeeded()
      },
      failed(count, error) {
        spans.inc({ outcome: 'failed' }, count)
        exporting.failed(error)
      },
      dropped: () => spans.inc({ outcome: 'dropped' })
    }
  })
  useTracer(tracer)
  return () => stop(STOP_MS)
}
