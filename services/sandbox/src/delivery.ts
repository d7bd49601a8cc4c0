import type { Client } from '@bulkhead/chassis/client'
import {
  backoff,
  type Clock,
  continueTrace,
  giveUp,
  measuredGauge,
  repeat,
  sparing,
  traceIdOf
} from '@bulkhead/chassis/core'
import { redisLease } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { paymentsNeeds } from './needs.ts'
import type { StoredPayment } from './payment.ts'
import { type Store, TAG } from './store.ts'
import { longestWait, signature, type Webhook, webhookBody } from './webhooks.ts'

type Payments = Client<typeof paymentsNeeds.operations>

type Options = {
  redis: Redis
  store: Store
  payments: Pick<Payments, 'receiveWebhook'>
  secret: string
  clock: Clock
  logger: Logger
  registry: Registry
  times?: DeliveryTimes | undefined
}

/** In milliseconds. */
export type DeliveryTimes = { poll: number; lease: number; sweep: number; firstRetry: number; mostRetry: number }

const TIMES: DeliveryTimes = { poll: 250, lease: 10_000, sweep: 600_000, firstRetry: 1_000, mostRetry: 60_000 }
const BATCH = 50
/** One look in so many is for webhooks of a clock that was ahead: they are rare, and it is a query. */
const STRANDED_EVERY = 20
/** Milliseconds that sending a webhook may take. */
export const SEND_MS = 5_000
/** About half an hour; then the merchant's own reconciliation must find it. */
const MOST_ATTEMPTS = 40

/** Sends webhooks from the store until they are taken, by one replica at a time. */
export function webhookDelivery(options: Options) {
  const { redis, store, payments, secret, clock, logger, registry, times = TIMES } = options
  const stopping = new AbortController()
  const lease = redisLease(redis, `${TAG}:delivery`, times.lease)
  const outcomes = deliveryMetrics(registry, logger, store)
  const pace = sparing(times.poll)
  let [heldUntil, sweepAt, looks] = [0, 0, 0]
  /** Whether the last look found as many as it may: then the next is at once, or a backlog would be sent slower than it grows. */
  let isMore = false
  let loop: Promise<unknown> = Promise.resolve()

  /** Asks for the lease a few times in its life only: each time is a write. */
  async function holds() {
    const now = clock.now().getTime()
    if (now < heldUntil) return true
    const held = await lease.hold()
    heldUntil = held ? now + times.lease / 3 : 0
    return held
  }

  async function deliver() {
    isMore = false
    if (!(await holds())) return
    const now = clock.now()
    if (now.getTime() >= sweepAt) {
      await store.sweep()
      sweepAt = now.getTime() + times.sweep
    }
    if (looks++ % STRANDED_EVERY === 0) await deliverStranded(now.getTime())
    const due = await pace.scanning(() => store.due(BATCH))
    isMore = due.length === BATCH
    const isDue = (webhook: Webhook) => webhook.due <= now.toISOString()
    await Promise.all(due.map(payment => deliverOf(payment, isDue)))
  }

  /**
   * Webhooks that are due later than any is put off: a replica whose clock was ahead made them. They are sent at once, for it may be gone. To
   * a replica that is behind all look so: early does no harm.
   */
  async function deliverStranded(now: number) {
    const latest = new Date(now + longestWait(await store.behaviour()) + times.mostRetry)
    const isStranded = (webhook: Webhook) => webhook.due > latest.toISOString()
    const stranded = await store.dueAfter(latest, BATCH)
    await Promise.all(stranded.map(payment => deliverOf(payment, isStranded)))
  }

  async function deliverOf(payment: StoredPayment, isMeant: (webhook: Webhook) => boolean) {
    const due = payment.webhooks.filter(isMeant)
    const sent = await Promise.all(due.map(async webhook => [webhook, await send(webhook, payment)] as const))
    await store.delivered(payment, new Map(sent))
  }

  /** When to send it again; undefined where that is not needed. */
  async function send(webhook: Webhook, payment: StoredPayment): Promise<string | undefined> {
    const body = webhookBody(webhook, payment)
    const traceparent = continueTrace(undefined)
    const context = { requestId: traceIdOf(traceparent), traceparent, deadline: clock.now().getTime() + SEND_MS }
    const headers = { 'stripe-signature': signature(JSON.stringify(body), secret, clock.now()) }
    try {
      await payments.receiveWebhook({ params: { provider: 'sandbox' }, headers, body }, context)
      outcomes.inc({ outcome: 'taken' })
      return undefined
    } catch (error) {
      const attempts = webhook.attempts + 1
      const again = attempts < MOST_ATTEMPTS
      outcomes.inc({ outcome: again ? 'failed' : 'given up' })
      logger.warn(
        { err: error, webhook: webhook.id, reference: payment.reference, attempts },
        'A webhook was not taken'
      )
      const wait = backoff(attempts, times.firstRetry, times.mostRetry)
      return again ? new Date(clock.now().getTime() + wait).toISOString() : undefined
    }
  }

  return {
    start() {
      loop = repeat('The delivery of webhooks', deliver, () => (isMore ? 0 : pace.interval()), {
        logger,
        signal: stopping.signal
      })
    },
    /** Ends when what is being sent is answered; another replica goes on. */
    async stop() {
      stopping.abort()
      await loop
      await giveUp(lease, 'webhooks', logger)
    }
  }
}

function deliveryMetrics(registry: Registry, log: Logger, store: Store) {
  measuredGauge({
    registry,
    log,
    name: 'sandbox_webhooks_waiting',
    help: 'Payments with a webhook that is still to be taken',
    measure: () => store.waiting()
  })
  return new Counter({
    name: 'sandbox_webhooks_total',
    help: 'Webhooks that this replica sent, by outcome: taken, failed (and to be sent again), given up',
    labelNames: ['outcome'],
    registers: [registry]
  })
}
