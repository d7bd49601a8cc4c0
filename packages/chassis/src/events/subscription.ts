import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { streamsOf } from '../contract/index.ts'
import { type FaultPoint, noFault, repeat } from '../core/index.ts'
import { trimStream, waitUntilConnected } from '../redis/index.ts'
import { registerConsumer } from './consumer-metrics.ts'
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
  /** The connection to the event log's Redis, as this service's own user, with a time-out. */
  redis: Redis
  service: string
  /** The handlers by event type. The publishers' streams follow from the types. */
  handlers: Record<string, EventHandler>
  /** The service's contract. Its `handles` must be the types of the handlers. */
  contract: { handles: string[] }
  /**
   * Converts errors of the store as in `createApp`. An error that becomes a 503 does not count against an event: the event waits until the
   * store is back.
   */
  storeProblem: (error: unknown) => unknown
  log: Logger
  registry: Registry
  passFaultPoint?: FaultPoint
  limits?: Partial<Limits>
}

/** How often (ms) the dead letters are counted, and handled entries are removed from the replay stream. */
const MEASURING = 10_000

/** A running subscription. */
export type Subscription = {
  /** Stops reading, waits for the running handlers for at most `limits.stop`, and releases unfinished events to other replicas. */
  stop(): Promise<void>
}

/**
 * Subscribes a service to events, as one consumer group on each publisher's stream, from the stream's oldest entry on. Each event is
 * handled by one of the replicas, at least once and in no fixed order. An event goes to the dead letters if it keeps failing, if it keeps
 * ending its process, or if it is not a valid event. If a replica dies, others take over its events. Throws if the contract's `handles` are
 * not the types of the handlers.
 */
export function subscribe(options: Options): Subscription {
  const { redis, service, handlers, contract, storeProblem, log, registry, passFaultPoint = noFault } = options
  checkHandles(contract.handles, Object.keys(handlers))
  const limits = { ...DEFAULTS, ...options.limits }
  const stopping = new AbortController()
  const { signal } = stopping
  const own = streamsOf(service)
  const publishers = new Set(Object.keys(handlers).map(type => type.split('.')[0]!))
  const streams = [...[...publishers].map(publisher => streamsOf(publisher).events), own.replay]
  const metrics = registerConsumer(registry, streams)
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

  const consumers = streams.map(stream =>
    consumeStream({ redis, stream, group: service, handle, stopping: signal, passFaultPoint, log, metrics, limits })
  )

  async function maintainDeadLetters() {
    metrics.dead.set(await redis.xlen(own.dead))
    await trimStream(redis, own.replay, { since: Date.now() })
  }
  const maintenance = waitUntilConnected(redis).then(() =>
    repeat('Maintaining the dead letters', maintainDeadLetters, () => MEASURING, { log, signal })
  )

  return {
    async stop() {
      stopping.abort()
      await Promise.all([maintenance, ...consumers.map(({ stop }) => stop())])
    }
  }
}

/** Throws if the contract and the handlers differ. Checks before an upgrade rely on the contract. */
function checkHandles(promised: string[], handled: string[]) {
  const differences = [
    ...promised.filter(type => !handled.includes(type)).map(type => `${type} has no handler`),
    ...handled.filter(type => !promised.includes(type)).map(type => `${type} is not among its handles`)
  ]
  if (differences.length > 0)
    throw new Error(`The event handlers differ from the contract's handles (src/service.ts): ${differences.join('; ')}`)
}
