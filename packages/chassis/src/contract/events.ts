import * as z from 'zod'
import { newId, untracedTrace } from '../core/index.ts'

/** The only data that an event has about its aggregate. A handler that needs more asks the owner, and gets this version or a later one. */
const eventData = z.object({ version: z.int().min(1) })

const typePattern = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/

/** A type of event that a service publishes, as contract.json describes it. */
export type EventType = { type: string; summary: string; data: typeof eventData }

/**
 * Defines a type of event. Throws an Error if `type` is not `<service>.<aggregate>.<past participle>`. `summary` says when the event
 * happens.
 */
export function defineEvent({ type, summary }: { type: string; summary: string }): EventType {
  if (!typePattern.test(type)) throw new Error(`${type} is not <service>.<aggregate>.<past participle>`)
  return { type, summary, data: eventData }
}

/** An event on the wire: CloudEvents 1.0, structured JSON (section 3.1), with the distributed tracing extension. */
export const cloudEvent = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().min(1),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal('application/json'),
  traceparent: z.string().min(1),
  data: eventData
})

export type CloudEvent = z.infer<typeof cloudEvent>

/** The W3C `traceparent` of the request or the event that caused an event. */
export type Trace = { traceparent: string }

/** Starts a trace, for work that neither a request nor an event caused. Its work is not traced, see `untracedTrace`. */
export const newTrace = (): Trace => ({ traceparent: untracedTrace() })

/**
 * An event as an outbox keeps it until it is published. `at` is the time of the change, `version` the version of the aggregate after it.
 */
export type PendingEvent = { id: string; type: string; at: Date; version: number; traceparent: string }

/** Creates an event for the change of an aggregate to version `version`. */
export const pendingEvent = ({ type }: EventType, version: number, at: Date, { traceparent }: Trace): PendingEvent => ({
  id: newId('evt'),
  type,
  at,
  version,
  traceparent
})

/** Converts an event to its form in the event log. `subject` is the aggregate's ID. */
export const toCloudEvent = (service: string, subject: string, event: PendingEvent): CloudEvent => ({
  specversion: '1.0',
  id: event.id,
  source: `/${service}`,
  type: event.type,
  subject,
  time: event.at.toISOString(),
  datacontenttype: 'application/json',
  traceparent: event.traceparent,
  data: { version: event.version }
})

/** Returns the streams of a service in the event log: the events that it publishes, its dead letters, and dead letters to handle again. */
export const streamsOf = (service: string) => ({
  events: `events.${service}`,
  dead: `events.${service}.dead`,
  replay: `events.${service}.replay`
})
