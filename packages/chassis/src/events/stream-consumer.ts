import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { bulkhead } from 'cockatiel'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { type FaultPoint, pause, repeat, unlessAborted } from '../core/index.ts'
import { blockingConnection, createGroup, groupsOf, replyCode, waitUntilConnected } from '../redis/index.ts'
import { acknowledgements } from './acknowledgements.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { Delivery, DeliveryHandler } from './delivery-handler.ts'
import { takeover } from './takeover.ts'

/** The limits of reading one stream. */
export type StreamLimits = {
  /** Maximum number of events that are handled at once. */
  concurrency: number
  /** Maximum number of events that are read and not finished. */
  inHand: number
  /** The time (ms) without a sign of life after which another replica takes over a replica's events. */
  idle: number
  /** How long (ms) `stop` waits for running handlers. */
  stop: number
}

type Options = {
  redis: Redis
  stream: string
  group: string
  /** Handles a delivery. Resolves with `left` once `stopping` aborts. */
  handle: DeliveryHandler
  /** Aborts when reading must end. */
  stopping: AbortSignal
  passFaultPoint: FaultPoint
  log: Logger
  metrics: ConsumerMetrics
  limits: StreamLimits
}

/** How long (ms) a read waits in the server. */
const BLOCK_MS = 5_000
/** The pause (ms) between reads, in which events are collected. */
const LINGER_MS = 5
/** How often (ms) the lag is measured. */
const MEASURE_MS = 10_000

/** A running consumer of a stream. */
type StreamConsumer = {
  /**
   * Waits for the running handlers, for at most `limits.stop`, and releases the events that are not finished. Call it after `stopping` has
   * aborted.
   */
  stop(): Promise<void>
}

/**
 * Reads a stream as one replica of a group. Each entry is handled by one of the replicas, at least once. Each stream has its own connection
 * and its own places, so that handlers that wait for one publisher do not delay the events of others.
 */
export function consumeStream({
  redis,
  stream,
  group,
  handle,
  stopping,
  passFaultPoint,
  log,
  metrics,
  limits
}: Options): StreamConsumer {
  const consumer = randomUUID()
  const ended = new AbortController()
  const inHand = new Set<Delivery>()
  const running = new Set<Promise<void>>()
  const finished = new EventEmitter()
  const places = bulkhead(limits.concurrency, limits.inHand)
  const reader = blockingConnection(redis, BLOCK_MS, log)
  const acknowledged = acknowledgements(redis, stream, group, { passFaultPoint, log, signal: ended.signal })
  const claims = { redis, stream, group, consumer, idle: limits.idle, signal: stopping }
  const { keep, release, takeOver, removeDeadReplicas } = takeover(claims)

  async function read() {
    while (inHand.size > limits.inHand / 2) await once(finished, 'delivery', { signal: stopping })
    const count = limits.inHand - inHand.size
    const reading = reader.xreadgroup(
      'GROUP',
      group,
      consumer,
      'COUNT',
      count,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      stream,
      '>'
    )
    const reply = await unlessAborted(reading, stopping).catch(createMissingGroup)
    for (const [id, fields] of reply?.[0]?.[1] ?? []) if (fields) begin({ stream, id, fields, deliveries: 1 })
  }

  /** Creates the group if the service reads the stream for the first time, or if the log was restarted without its data. */
  async function createMissingGroup(error: unknown) {
    if (replyCode(error) !== 'NOGROUP') throw error
    await createGroup(redis, group, stream)
  }

  function begin(delivery: Delivery) {
    take(delivery)
    const work = places.execute(() => settle(delivery)).finally(() => running.delete(work))
    running.add(work)
  }

  async function beginTakenOver(delivery: Delivery) {
    take(delivery)
    await settle(delivery)
    await acknowledged.sent() // else this event would be delivered once more if the next one ends this process
  }

  /** Handles a delivery. If it is left because of `stop`, it stays in `inHand` until `stop` has released it. */
  async function settle(delivery: Delivery) {
    const outcome = await handle(delivery)
    metrics.consumed.inc({ stream, outcome })
    log.debug({ stream, entry: delivery.id, outcome }, 'event')
    if (outcome === 'left' && stopping.aborted) return
    if (outcome !== 'left') acknowledged.add(delivery.id)
    inHand.delete(delivery)
    metrics.inHand.set({ stream }, inHand.size)
    finished.emit('delivery')
  }

  function take(delivery: Delivery) {
    inHand.add(delivery)
    metrics.inHand.set({ stream }, inHand.size)
  }

  async function measure() {
    const own = (await groupsOf(redis, stream)).find(({ group: name }) => name === group)
    metrics.lag.set({ stream }, own?.lag ?? 0)
    if (own) await removeDeadReplicas()
  }

  const whileReading = { log, signal: stopping }
  const whileHandling = { log, signal: ended.signal }
  const loops = waitUntilConnected(redis)
    .then(() => createGroup(redis, group, stream))
    .catch(error => log.warn({ err: error, stream }, 'Cannot create the group of the stream yet'))
    .then(() =>
      Promise.all([
        repeat(`Reading ${stream}`, read, () => LINGER_MS, whileReading),
        repeat(
          `Taking over ${stream}`,
          () => takeOver(beginTakenOver),
          () => limits.idle / 2,
          whileReading
        ),
        repeat(`Measuring ${stream}`, measure, () => MEASURE_MS, whileReading),
        repeat(
          `Keeping the deliveries of ${stream}`,
          () => keep([...inHand]),
          () => limits.idle / 3,
          whileHandling
        )
      ])
    )

  return {
    async stop() {
      reader.disconnect()
      const finish = Promise.allSettled(running).then(acknowledged.sent)
      await Promise.race([finish, pause(limits.stop, ended.signal)])
      await release().catch(error =>
        log.warn({ err: error, stream }, 'Unfinished events were not released. Another replica takes them over later')
      )
      ended.abort()
      await loops
    }
  }
}
