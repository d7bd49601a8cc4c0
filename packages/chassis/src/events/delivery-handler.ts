import { setTimeout } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import * as z from 'zod'
import { type CloudEvent, cloudEvent, streamsOf } from '../contract/index.ts'
import { backoff, type FaultPoint, issueLines, Problem, pause } from '../core/index.ts'
import { toFields } from '../redis/index.ts'
import { addDeadLetter } from './dead-letters.ts'
import { traceHandling } from './event-spans.ts'

/** An entry of a stream that this replica has read. `deliveries` counts the replicas that have read it, including this one. */
export type Delivery = { stream: string; id: string; fields: string[]; deliveries: number }

/** The context of a handler's call. `deadline` is in milliseconds since the epoch. */
type EventContext = { requestId: string; traceparent: string; deadline: number; log: Logger }

/** Handles an event. It may be called more than once for an event, even at the same time, and must give the same result. */
export type EventHandler = (event: CloudEvent, context: EventContext) => Promise<void>

/** The outcome of a delivery. Deliveries that are `left` stay pending in the log; all others are acknowledged. */
type Outcome = 'handled' | 'ignored' | 'dead' | 'left'

type Options = {
  redis: Redis
  service: string
  handlers: Record<string, EventHandler>
  storeProblem: (error: unknown) => unknown
  passFaultPoint: FaultPoint
  log: Logger
  limits: HandlingLimits
  /** Aborts when no new attempt may begin. */
  signal: AbortSignal
  /** Called after a failed attempt, before the next one. */
  onRetry: (delivery: Delivery) => void
}

/** The limits of handling events. */
export type HandlingLimits = {
  /** Number of failed attempts after which an event goes to the dead letters. */
  attempts: number
  /** Number of deliveries after which an event goes to the dead letters, because each replica that had it died. */
  deliveries: number
  /** The time-out of one attempt, in milliseconds. */
  handling: number
  /** Maximum number of dead letters. */
  deadLetters: number
}

/** Handles a delivery until its event is handled or a dead letter. Never rejects. */
export type DeliveryHandler = (delivery: Delivery) => Promise<Outcome>

/** Creates the handler of a service's deliveries. */
export function deliveryHandler(options: Options): DeliveryHandler {
  const { redis, service, handlers, storeProblem, passFaultPoint, log, limits, signal, onRetry } = options

  async function handle(delivery: Delivery): Promise<Outcome> {
    if (signal.aborted) return 'left'
    if (delivery.deliveries > limits.deliveries)
      return moveToDeadLetters(delivery, 'Each process that handled the event ended')
    const event = eventOf(delivery)
    if (event instanceof Error) return moveToDeadLetters(delivery, event.message)
    if (!Object.hasOwn(handlers, event.type)) return 'ignored'
    return attempt(delivery, event, handlers[event.type]!)
  }

  async function attempt(delivery: Delivery, event: CloudEvent, handler: EventHandler): Promise<Outcome> {
    const { id: requestId, type, subject } = event
    const deliveryLog = log.child({ requestId, traceId: event.traceparent.split('-')[1], type, subject })
    for (let tries = 1, failures = 0; ; tries++) {
      const deadline = Date.now() + limits.handling
      try {
        await traceHandling(delivery.stream, service, event, traceparent =>
          within(limits.handling, handler(event, { requestId, traceparent, deadline, log: deliveryLog }))
        )
        passFaultPoint('after-effect-before-acknowledge')
        return 'handled'
      } catch (error) {
        if (!isUnavailable(storeProblem(error)) && ++failures === limits.attempts)
          return moveToDeadLetters(delivery, String(error))
        deliveryLog.warn({ err: error, tries }, 'Handling an event failed and is tried again')
        onRetry(delivery)
        await pause(backoff(tries), signal)
        if (signal.aborted) return 'left'
      }
    }
  }

  async function moveToDeadLetters(delivery: Delivery, error: string): Promise<Outcome> {
    const fields = toFields(delivery.fields)
    const { event = JSON.stringify(fields) } = fields
    const place = { stream: delivery.stream, entry: delivery.id }
    // The fields of a replayed event name the stream and the entry in which it was first.
    const { stream, entry } = place.stream === streamsOf(service).replay ? { ...place, ...fields } : place
    try {
      await addDeadLetter(
        redis,
        service,
        { event, error, stream, entry, at: new Date().toISOString() },
        limits.deadLetters
      )
      log.error({ stream, entry, error }, 'An event went to the dead letters')
      return 'dead'
    } catch (refusal) {
      log.error({ err: refusal, ...place, error }, 'An event that cannot be handled stays pending')
      return 'left'
    }
  }

  return handle
}

/** Returns true for a failure that does not count against the event, because a store or a service is unavailable for a while. */
const isUnavailable = (error: unknown) => error instanceof Problem && error.status === 503

function eventOf({ fields }: Delivery): CloudEvent | Error {
  try {
    return cloudEvent.parse(JSON.parse(toFields(fields).event ?? ''))
  } catch (cause) {
    return new Error(`The entry is not a CloudEvent: ${reasonOf(cause)}`, { cause })
  }
}

/** Describes an error in one line. */
const reasonOf = (error: unknown) =>
  error instanceof z.ZodError ? issueLines(error).join('; ') : (error as Error).message

/** Rejects when `work` takes longer than `milliseconds`. */
async function within(milliseconds: number, work: Promise<void>) {
  const done = new AbortController()
  const limit = setTimeout(milliseconds, undefined, { signal: done.signal }).then(() => {
    throw new Error(`Handling took longer than ${milliseconds} ms`)
  })
  try {
    await Promise.race([work, limit])
  } finally {
    done.abort()
  }
}
