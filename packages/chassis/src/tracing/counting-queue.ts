import { BatchSpanProcessor, type ReadableSpan, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace'

/** Functions that are called with the fate of spans. */
export type QueueCounts = {
  /** Called with the number of spans that wait or are being sent, whenever it changes. */
  waiting(spans: number): void
  exported(spans: number): void
  /** Called for a batch that the receiver did not accept within ten seconds, or refused. */
  failed(spans: number, error: Error | undefined): void
  /** Called for a span that found the queue full. */
  dropped(): void
}

/** A bounded queue of ended spans, which are sent in batches. */
type CountingQueue = {
  processor: SpanProcessor
  /** Sends the spans that wait, for at most `milliseconds`, and stops. Never rejects. */
  stop(milliseconds: number): Promise<void>
}

/** Maximum number of spans that wait or are being sent. A span has about 2 KiB. */
const QUEUE_LIMIT = 2_048
const BATCH_SIZE = 512
/** How long (ms) spans are collected for a batch. */
const LINGER_MS = 2_000
/** The result of a successful export. Its enum would be one more package. */
const SUCCESS = 0

/** Creates the queue of an exporter. A full queue drops spans, so that a slow receiver never takes memory or time from requests. */
export function countingQueue(exporter: SpanExporter, counts: QueueCounts): CountingQueue {
  let pending = 0
  const setPending = (spans: number) => {
    pending = spans
    counts.waiting(spans)
  }
  const counted: SpanExporter = {
    export(spans, report) {
      exporter.export(spans, result => {
        setPending(pending - spans.length)
        if (result.code === SUCCESS) counts.exported(spans.length)
        else counts.failed(spans.length, result.error)
        report(result)
      })
    },
    shutdown: () => exporter.shutdown()
  }
  const batches = new BatchSpanProcessor({
    exporter: counted,
    maxQueueSize: QUEUE_LIMIT,
    maxExportBatchSize: BATCH_SIZE,
    scheduledDelayMillis: LINGER_MS
  })
  return {
    processor: {
      onStart: () => undefined,
      onEnd(span: ReadableSpan) {
        if (pending >= QUEUE_LIMIT) return counts.dropped()
        setPending(pending + 1)
        batches.onEnd(span)
      },
      forceFlush: () => batches.forceFlush(),
      shutdown: () => batches.shutdown()
    },
    async stop(milliseconds) {
      const limit = new Promise(resolve => setTimeout(resolve, milliseconds).unref())
      // A failed export is reported to `counts`.
      await Promise.race([batches.shutdown().catch(() => undefined), limit])
    }
  }
}
