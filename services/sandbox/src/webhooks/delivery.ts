import {
  adaptivePace,
  backoff,
  type Clock,
  defineCounter,
  defineGauge,
  measuredGauge,
  register,
  releaseLease,
  repeat
} from '@bulkhead/chassis/core'
import { redisLease } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { SendWebhook } from '../clients/payments.ts'
import { keys } from '../keys.ts'
import type { StoredPayment } from '../payments/lifecycle.ts'
import type { Payments } from '../payments/store.ts'
import { type Delivery, longestDelay, type Webhook } from './queue.ts'
import type { WebhookBehaviourStore } from './store.ts'

const waitingWebhooks = defineGauge({
  name: 'sandbox_webhooks_waiting',
  help: 'Payments that have waiting webhooks'
})

const sentWebhooks = defineCounter({
  name: 'sandbox_webhooks_total',
  help: 'Webhooks that this replica sent, by outcome: taken, failed (it sends them again), given up',
  labels: { outcome: ['taken', 'failed', 'given up'] }
})

/** The metrics of deliveries. */
export const deliveryMetrics = [waitingWebhooks, sentWebhooks]

type Options = {
  redis: Redis
  payments: Payments
  behaviour: WebhookBehaviourStore
  send: SendWebhook
  clock: Clock
  log: Logger
  registry: Registry
  times?: DeliveryTimes | undefined
}

/** The intervals of deliveries (ms). */
export type DeliveryTimes = { poll: number; lease: number; sweep: number; firstRetry: number; longestRetry: number }

const TIMES: DeliveryTimes = { poll: 250, lease: 10_000, sweep: 600_000, firstRetry: 1_000, longestRetry: 60_000 }
/** The number of payments that are read at a time. */
const BATCH = 50
/** Every 20th poll looks for stranded webhooks, because they are rare and each look costs a query. */
const STRANDED_EVERY = 20
/**
 * Maximum number of attempts to send a webhook, which take about half an hour. After that, only the merchant's own reconciliation finds the
 * change.
 */
const MOST_ATTEMPTS = 40

/** Sends the waiting webhooks until payments accepts them. Only the replica that holds the lease does this. */
export function webhookDelivery({ redis, payments, behaviour, send, clock, log, registry, times = TIMES }: Options) {
  const stopping = new AbortController()
  const lease = redisLease(redis, keys.webhookDelivery, times.lease)
  const outcomes = registerMetrics(registry, log, payments)
  const pace = adaptivePace(times.poll)
  let heldUntil = 0
  let nextSweep = 0
  let polls = 0
  /** True if the last poll found a full batch. Then the next poll is immediate. Otherwise a backlog could grow faster than it is sent. */
  let hasMore = false
  let loop: Promise<unknown> = Promise.resolve()

  /** Renews the lease only after a third of its duration, because each renewal is a write. */
  async function holdLease() {
    const now = clock.now().getTime()
    if (now < heldUntil) return true
    const isHeld = await lease.hold()
    heldUntil = isHeld ? now + times.lease / 3 : 0
    return isHeld
  }

  async function poll() {
    hasMore = false
    if (!(await holdLease())) return
    const now = clock.now()
    if (now.getTime() >= nextSweep) {
      await payments.sweep()
      nextSweep = now.getTime() + times.sweep
    }
    if (polls++ % STRANDED_EVERY === 0) await deliverStranded(now.getTime())
    const due = await pace.measure(() => payments.withDueWebhook(BATCH))
    hasMore = due.length === BATCH
    const isDue = (webhook: Webhook) => webhook.due <= now.toISOString()
    await Promise.all(due.map(payment => deliver(payment, isDue)))
  }

  /**
   * Sends webhooks that are due later than the longest possible delay. They come from a replica whose clock was ahead and which may have
   * stopped. If this replica's own clock is behind, the webhooks are sent early, which does no harm.
   */
  async function deliverStranded(now: number) {
    const latest = new Date(now + longestDelay(await behaviour.read()) + times.longestRetry)
    const isStranded = (webhook: Webhook) => webhook.due > latest.toISOString()
    const stranded = await payments.withWebhookDueAfter(latest, BATCH)
    await Promise.all(stranded.map(payment => deliver(payment, isStranded)))
  }

  /** Sends the chosen webhooks of a payment and records the results. */
  async function deliver(payment: StoredPayment, isChosen: (webhook: Webhook) => boolean) {
    const chosen = payment.webhooks.filter(isChosen)
    const deliveries = await Promise.all(chosen.map(webhook => attempt(webhook, payment)))
    await payments.recordDeliveries(payment, deliveries)
  }

  async function attempt(webhook: Webhook, { id, reference }: StoredPayment): Promise<Delivery> {
    try {
      await send({ id: webhook.id, type: webhook.type, createdAt: webhook.at, data: { id, reference } })
      outcomes.inc({ outcome: 'taken' })
      return { webhook, retryAt: undefined }
    } catch (error) {
      const attempts = webhook.attempts + 1
      const isLast = attempts >= MOST_ATTEMPTS
      outcomes.inc({ outcome: isLast ? 'given up' : 'failed' })
      log.warn({ err: error, webhook: webhook.id, reference, attempts }, 'Payments did not take a webhook')
      const wait = backoff(attempts, times.firstRetry, times.longestRetry)
      return { webhook, retryAt: isLast ? undefined : new Date(clock.now().getTime() + wait).toISOString() }
    }
  }

  return {
    start() {
      const interval = () => (hasMore ? 0 : pace.interval())
      loop = repeat('Webhook delivery', poll, interval, { log, signal: stopping.signal })
    },
    /** Resolves when the running deliveries are finished. Then another replica takes over. */
    async stop() {
      stopping.abort()
      await loop
      await releaseLease(lease, 'webhooks', log)
    }
  }
}

/** Registers the metrics of deliveries. Returns the counter of their outcomes. */
function registerMetrics(registry: Registry, log: Logger, payments: Payments) {
  measuredGauge({ registry, log, metric: waitingWebhooks, measure: () => payments.countWithWebhooks() })
  return register(registry, sentWebhooks)
}
