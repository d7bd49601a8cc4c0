import { otlpReceiver, type ReceivedSpan } from '@bulkhead/testing/otlp-receiver'
import { useTracer } from '../src/core/tracing.ts'
import type { QueueCounts } from '../src/tracing/counting-queue.ts'
import { type OpenTelemetry, openTelemetry, type TracingOptions } from '../src/tracing/open-telemetry.ts'

export const noCounts: QueueCounts = {
  waiting: () => undefined,
  exported: () => undefined,
  failed: () => undefined,
  dropped: () => undefined
}

/** A sampled and an unsampled caller. */
export const sampled = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
export const unsampled = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'

/** Returns the ID of the span in a traceparent. */
export const spanIdOf = (traceparent: string) => traceparent.slice(36, 52)

/** Defines hooks that trace this process during each test, and send the spans to a receiver. Call it within `describe`. */
export function traced(options: Partial<TracingOptions> = {}) {
  let receiver: Awaited<ReturnType<typeof otlpReceiver>>
  let tracing: OpenTelemetry
  beforeEach(async () => {
    receiver = await otlpReceiver()
    tracing = openTelemetry({
      endpoint: receiver.url,
      headers: {},
      service: { name: 'greeter', version: '1.2.3', namespace: 'shop' },
      sampler: 'parentbased_traceidratio',
      ratio: 1,
      counts: noCounts,
      ...options
    })
    useTracer(tracing.tracer)
  })
  afterEach(async () => {
    useTracer(undefined)
    await tracing.stop(1_000)
    await receiver.stop()
  })
  return {
    receiver: () => receiver,
    /** Ends tracing, and returns the spans that the receiver got, in the order of their start, in whole milliseconds. */
    async spans(): Promise<ReceivedSpan[]> {
      await tracing.stop(10_000)
      return receiver.spans.toSorted((one, other) => one.start - other.start)
    }
  }
}
