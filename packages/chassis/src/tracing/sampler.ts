import { ROOT_CONTEXT, type SpanContext, SpanKind, TraceFlags } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler
} from '@opentelemetry/sdk-trace'

/** The settings of a sampler, with the names of OpenTelemetry's variables OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG. */
export type SamplerSettings = {
  sampler:
    | 'always_on'
    | 'always_off'
    | 'traceidratio'
    | 'parentbased_always_on'
    | 'parentbased_always_off'
    | 'parentbased_traceidratio'
  /** The part of the traces that a sampler with `traceidratio` samples, from 0 to 1. */
  ratio: number
}

/** Decides whether a span is sampled. `parent` is undefined for the first span of a trace. */
export type SpanSampler = (traceId: string, parent: SpanContext | undefined) => boolean

const SAMPLERS: Record<string, (ratio: number) => Sampler> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: ratio => new TraceIdRatioBasedSampler(ratio)
}

/** Creates a sampler. One that is `parentbased` decides only about new traces, and keeps the decision of the caller in all others. */
export function spanSampler({ sampler, ratio }: SamplerSettings): SpanSampler {
  const isParentBased = sampler.startsWith('parentbased_')
  const root = SAMPLERS[sampler.replace('parentbased_', '')]!(ratio)
  return (traceId, parent) => {
    if (isParentBased && parent) return (parent.traceFlags & TraceFlags.SAMPLED) !== 0
    return (
      root.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.INTERNAL, {}, []).decision !== SamplingDecision.NOT_RECORD
    )
  }
}
