import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { streamsOf } from '../contract/index.ts'
import { type FaultPoint, noFault, repeat } from '../core/index.ts'
import { trimStream, waitUntilConnected } from '../redis/index.ts'
import { consumerMetrics } from './consumer-metrics.ts'
import { type Delivery, deliveryHandler, type EventHandler, type HandlingLimits } from './delivery-handler.ts'
import { consumeStream, type StreamLimits } from './stream-consumer.ts'

export type { EventHandler } from './delivery-handler.ts'

type Limits = HandlingLimits & StreamLimits

const DEFAULTS: Limits = {
  attempts: 5,
  deliveries: 5,
  handling: 10_000,
  deadLetters: 10_000,
  concurrency: 16,
  inHand: 64,
  idle: 30_000,
  stop: 5_000
}

type Options = {
  /** The event log's Redis, as this service's own user, with a limit to waiting. */
  redis: Redis
  service: string
  /** By the type of event. The publishers' streams follow from the types. */
  handlers: Record<string, EventHandler>
  /** The service's contract, whose `handles` must name the types of the handlers. */
  contract: { handles: string[] }
  /** As in `createApp`: what it turns into a 503 doesn't count against an event, which waits until the store is back. */
  storeProblem: (error: unknown) => unknown
  log: Logger
  registry: Registry
  passFaultPoint?: FaultPoint
  limits?: Partial<Limits>
}

/** Milliseconds between two looks at the dead letters and what was replayed of them. */
const MEASURING = 10_000

/**
 * Subscribes a service to events, as one consumer group on each publisher's stream, beginning with what is kept of it. Each
 * event is handled at least once, in no promised order, by one of the replicas; one that keeps failing, that keeps ending
 * its process or that is no event goes to the dead letters. What a replica has when it dies is taken over by another. Throws
 * where the contract's `handles` are not the types of the handlers.
 */
export function subscribe(options: Options) {
  const { redis, service, handlers, contract, storeProblem, log, registry, passFaultPoint = noFault } = options
  checkHandles(contract.handles, Object.keys(handlers))
  const limits = { ...DEFAULTS, ...options.limits }
  const stopping = new AbortController()
  const { signal } = stopping
  const metrics = consumerMetrics(registry)
  const onRetry = ({ stream }: Delivery) => metrics.retries.inc({ stream })
  const handle = deliveryHandler({
    redis,
    service,
    handlers,
    storeProblem,
    passFaultPoint,
    log,
    limits,
    signal,
    onRetry
  })

  const own = streamsOf(service)
  const publishers = new Set(Object.keys(handlers).map(type => type.split('.')[0]!))
  const streams = [...[...publishers].map(publisher => streamsOf(publisher).events), own.replay]
  const consumers = streams.map(stream =>
    consumeStream({ redis, stream, group: service, handle, stopping: signal, passFaultPoint, log, metrics, limits })
  )

  async function tendDeadLetters() {
    metrics.dead.set(await redis.xlen(own.dead))
    await trimStream(redis, own.replay, { since: Date.now() })
  }
  const tending = waitUntilConnected(redis).then(() =>
    repeat('Tending the dead letters', tendDeadLetters, () => MEASURING, { log, signal })
  )

  return {
    /** Stops reading, waits a while for the handlers that run, and hands on what is not finished. */
    async stop() {
      stopping.abort()
      await Promise.all([tending, ...consumers.map(({ stop }) => stop())])
    }
  }
}

/** So that who reads the contract, as a check before an upgrade does, knows what becomes of which events. */
function checkHandles(promised: string[], handled: string[]) {
  const told = [
    ...promised.filter(type => !handled.includes(type)).map(type => `${type} has no handler`),
    ...handled.filter(type => !promised.includes(type)).map(type => `${type} is not among its handles`)
  ]
  if (told.length > 0)
    throw new Error(`The event handlers are not those of the contract (src/service.ts): ${told.join('; ')}`)
}
