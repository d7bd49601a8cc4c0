import { setTimeout } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import * as z from 'zod'
import { type CloudEvent, cloudEvent, streamsOf } from '../contract/index.ts'
import { backoff, type FaultPoint, issueLines, Problem, pause } from '../core/index.ts'
import { toFields } from '../redis/index.ts'
import { addDeadLetter } from './dead-letters.ts'

/** An entry of a stream in this replica's hands. `deliveries` counts the replicas that had it, this one included. */
export type Delivery = { stream: string; id: string; fields: string[]; deliveries: number }

/** What a handler is told beside the event. `deadline` is in milliseconds since the epoch. */
type EventContext = { requestId: string; traceparent: string; deadline: number; log: Logger }

/** The effect of an event. It may be run more than once for an event, at the same time even, and must bear it. */
export type EventHandler = (event: CloudEvent, context: EventContext) => Promise<void>

/** What became of a delivery. All but `left` are acknowledged; what is left stays pending in the log. */
export type Outcome = 'handled' | 'ignored' | 'dead' | 'left'

type Options = {
  redis: Redis
  service: string
  handlers: Record<string, EventHandler>
  storeProblem: (error: unknown) => unknown
  passFaultPoint: FaultPoint
  log: Logger
  limits: HandlingLimits
  /** Aborts when no new attempt is to be made. */
  signal: AbortSignal
  onRetry: (delivery: Delivery) => void
}

export type HandlingLimits = {
  /** Attempts until an event that fails goes to the dead letters. */
  attempts: number
  /** Replicas that may die with an event in their hands before it goes to the dead letters. */
  deliveries: number
  /** Milliseconds that one attempt may take. */
  handling: number
  /** Dead letters that are kept at most. */
  deadLetters: number
}

/** Returns the function that handles a delivery to its end: by its effect, or among the dead letters. It never rejects. */
export function deliveryHandler(options: Options) {
  const { redis, service, handlers, storeProblem, passFaultPoint, log, limits, signal, onRetry } = options

  async function handle(delivery: Delivery): Promise<Outcome> {
    if (signal.aborted) return 'left'
    if (delivery.deliveries > limits.deliveries) return giveUp(delivery, 'Each process that handled it ended')
    const event = eventOf(delivery)
    if (event instanceof Error) return giveUp(delivery, event.message)
    if (!Object.hasOwn(handlers, event.type)) return 'ignored'
    return attempt(delivery, event, handlers[event.type]!)
  }

  async function attempt(delivery: Delivery, event: CloudEvent, handler: EventHandler): Promise<Outcome> {
    const { id: requestId, traceparent, type, subject } = event
    const deliveryLog = log.child({ requestId, traceId: traceparent.split('-')[1], type, subject })
    for (let tries = 1, failures = 0; ; tries++) {
      const deadline = Date.now() + limits.handling
      try {
        await within(limits.handling, handler(event, { requestId, traceparent, deadline, log: deliveryLog }))
        passFaultPoint('after-effect-before-acknowledge')
        return 'handled'
      } catch (error) {
        if (!isUnavailable(storeProblem(error)) && ++failures === limits.attempts)
          return giveUp(delivery, String(error))
        deliveryLog.warn({ err: error, tries }, 'Handling an event failed and is tried again')
        onRetry(delivery)
        await pause(backoff(tries), signal)
        if (signal.aborted) return 'left'
      }
    }
  }

  async function giveUp(delivery: Delivery, error: string): Promise<Outcome> {
    const fields = toFields(delivery.fields)
    const { event = JSON.stringify(fields) } = fields
    const here = { stream: delivery.stream, entry: delivery.id }
    // Of one that was replayed, where it was first.
    const { stream, entry } = here.stream === streamsOf(service).replay ? { ...here, ...fields } : here
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
      log.error({ err: refusal, ...here, error }, 'An event that cannot be handled stays pending')
      return 'left'
    }
  }

  return handle
}

/** What is away, the handler's own store for one, comes back: that doesn't count against the event. */
const isUnavailable = (error: unknown) => error instanceof Problem && error.status === 503

function eventOf({ fields }: Delivery): CloudEvent | Error {
  try {
    return cloudEvent.parse(JSON.parse(toFields(fields).event ?? ''))
  } catch (cause) {
    return new Error(`Not a CloudEvent: ${reasonOf(cause)}`, { cause })
  }
}

/** In one line. */
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
