import type { CloudEvent } from '../contract/index.ts'
import { inSpan, type SpanAttributes, startSpan } from '../core/index.ts'

/**
 * Appends events with a span for each one whose trace is sampled. The event in the log has the traceparent of this span, so that its
 * consumers continue the trace. The attempts to append a batch have one span each.
 */
export async function tracePublishing<T>(
  stream: string,
  events: CloudEvent[],
  append: (events: CloudEvent[]) => Promise<T>
): Promise<T> {
  const spans = events.map(event =>
    startSpan({
      name: `send ${event.type}`,
      kind: 'producer',
      parent: event.traceparent,
      attributes: {
        ...messageOf(stream, event),
        'messaging.operation.name': 'xadd',
        'messaging.operation.type': 'send'
      }
    })
  )
  const end = (error?: unknown) => {
    for (const span of spans) span?.end(error)
  }
  try {
    const result = await append(
      events.map((event, index) => ({ ...event, traceparent: spans[index]?.traceparent ?? event.traceparent }))
    )
    end()
    return result
  } catch (error) {
    end(error)
    throw error
  }
}

/**
 * Handles an event in a span, one for each attempt. The span is the child of the span that sent the event, so that one request stays one
 * trace, and has a link to it, by which backends show messages. `handle` gets the traceparent of the span.
 */
export const traceHandling = (
  stream: string,
  service: string,
  event: CloudEvent,
  handle: (traceparent: string) => Promise<void>
): Promise<void> =>
  inSpan(
    {
      name: `process ${event.type}`,
      kind: 'consumer',
      parent: event.traceparent,
      links: [event.traceparent],
      attributes: {
        ...messageOf(stream, event),
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.consumer.group.name': service
      }
    },
    handle
  )

const messageOf = (stream: string, { id, type, subject }: CloudEvent): SpanAttributes => ({
  'messaging.system': 'redis',
  'messaging.destination.name': stream,
  'messaging.message.id': id,
  'cloudevents.event_type': type,
  'cloudevents.event_subject': subject
})
