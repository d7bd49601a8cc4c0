import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { bulkhead } from 'cockatiel'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { type FaultPoint, pause, repeat, unlessAborted } from '../core/index.ts'
import { blockingConnection, createGroup, groupsOf, replyCode, waitUntilConnected } from '../redis/index.ts'
import { acknowledgements } from './acknowledgements.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { Delivery, Outcome } from './delivery-handler.ts'
import { takeover } from './takeover.ts'

export type StreamLimits = {
  /** Events of a stream handled at once. */
  concurrency: number
  /** Events of a stream read and not finished. */
  inHand: number
  /** Milliseconds without a sign of life after which another replica takes over what one had. */
  idle: number
  /** Milliseconds that `stop` waits for handlers that run. */
  stop: number
}

type Options = {
  redis: Redis
  stream: string
  group: string
  /** Handles a delivery to its end, or leaves it once `stopping` aborts. Never rejects. */
  handle: (delivery: Delivery) => Promise<Outcome>
  /** Ends the reading. */
  stopping: AbortSignal
  passFaultPoint: FaultPoint
  log: Logger
  metrics: ConsumerMetrics
  limits: StreamLimits
}

/** Milliseconds: a read waits in the server; that events gather between reads; between measurements of the lag. */
const BLOCK = 5_000
const LINGER = 5
const MEASURING = 10_000

/**
 * One replica's part in reading a stream as a group: each entry is handled at least once, by one of the replicas. Each
 * stream has its own connection and its own places, so that handlers which wait for one publisher hold up no other's events.
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
}: Options) {
  const consumer = randomUUID()
  const ended = new AbortController()
  const inHand = new Set<Delivery>()
  const running = new Set<Promise<void>>()
  const finished = new EventEmitter()
  const places = bulkhead(limits.concurrency, limits.inHand)
  const reader = blockingConnection(redis, BLOCK, log)
  const acknowledged = acknowledgements(redis, stream, group, { passFaultPoint, log, signal: ended.signal })
  const claims = { redis, stream, group, consumer, idle: limits.idle, signal: stopping }
  const { keep, handOn, takeOver, forgetDead } = takeover(claims)

  async function read() {
    while (inHand.size > limits.inHand / 2) await once(finished, 'delivery', { signal: stopping })
    const count = limits.inHand - inHand.size
    const asked = reader.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'BLOCK', BLOCK, 'STREAMS', stream, '>')
    const reply = await unlessAborted(asked, stopping).catch(createMissingGroup)
    for (const [id, fields] of reply?.[0]?.[1] ?? []) if (fields) begin({ stream, id, fields, deliveries: 1 })
  }

  /** The service reads the stream for the first time, or the log was restarted without its data and lost the groups too. */
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
    await acknowledged.sent() // or, were the next to end this process, it would count as left behind once more
  }

  /** Handles a delivery to its end. One that is left because of `stop` stays in hand, to be handed on. */
  async function settle(delivery: Delivery) {
    const outcome = await handle(delivery)
    metrics.consumed.inc({ stream, outcome })
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
    if (own) await forgetDead()
  }

  const whileReading = { log, signal: stopping }
  const whileHandling = { log, signal: ended.signal }
  const loops = waitUntilConnected(redis)
    .then(() => createGroup(redis, group, stream))
    .catch(error => log.warn({ err: error, stream }, 'The event log is not there yet'))
    .then(() =>
      Promise.all([
        repeat(`Reading ${stream}`, read, () => LINGER, whileReading),
        repeat(
          `Taking over ${stream}`,
          () => takeOver(beginTakenOver),
          () => limits.idle / 2,
          whileReading
        ),
        repeat(`Measuring ${stream}`, measure, () => MEASURING, whileReading),
        repeat(
          `Keeping ${stream}`,
          () => keep([...inHand]),
          () => limits.idle / 3,
          whileHandling
        )
      ])
    )

  return {
    /** To be called when `stopping` has aborted. Waits a while for the handlers that run, and hands on what is not finished. */
    async stop() {
      reader.disconnect()
      const finish = Promise.allSettled(running).then(acknowledged.sent)
      await Promise.race([finish, pause(limits.stop, ended.signal)])
      await handOn().catch(error => log.warn({ err: error, stream }, 'What is unfinished is taken over later'))
      ended.abort()
      await loops
    }
  }
}
