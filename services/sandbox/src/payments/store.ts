import { decodeCursor, earlierResult, type MadeBy, type Page, toPage } from '@bulkhead/chassis/contract'
import {
  type Clock,
  defineCounter,
  type FaultPoint,
  orNotFound,
  pauseAfter,
  register,
  tooContended,
  WRITE_ATTEMPTS
} from '@bulkhead/chassis/core'
import { redisScript } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import type { Registry } from 'prom-client'
import { keys } from '../keys.ts'
import { type Delivery, firstDue, MOST_WAITING, newWebhooks, stillWaiting, type Webhook } from '../webhooks/queue.ts'
import type { WebhookBehaviourStore } from '../webhooks/store.ts'
import { type StoredPayment, type Transition, webhookType } from './lifecycle.ts'
import * as scripts from './scripts.ts'

const droppedWebhooks = defineCounter({
  name: 'sandbox_webhooks_dropped_total',
  help: 'Webhooks that were dropped because too many of their payment waited'
})

/** The metrics of payments. */
export const paymentMetrics = [droppedWebhooks]

type Options = {
  redis: Redis
  behaviour: WebhookBehaviourStore
  clock: Clock
  registry: Registry
  passFaultPoint: FaultPoint
}

/** A query of payments. `since` is a time in ISO 8601, in UTC. */
type PaymentList = {
  reference: string | undefined
  since: string | undefined
  limit: number
  cursor: string | undefined
}

export type Payments = {
  byId(id: string): Promise<StoredPayment | null>
  /**
   * Returns a page of payments in the order of their last change, filtered by `reference` and `since` if given. Throws a 400 for a bad
   * cursor.
   */
  list(list: PaymentList): Promise<Page<StoredPayment>>
  /**
   * Stores a new payment with its webhooks. If an earlier request with the same key made a payment, returns that payment. Throws a 422 if
   * the earlier request was a different one.
   */
  insert(payment: StoredPayment, madeBy: MadeBy): Promise<StoredPayment>
  /**
   * Changes a payment and adds the webhooks of the change. Throws a 404 if there is no such payment, and a 503 if other changes always came
   * first.
   */
  change(id: string, transition: Transition): Promise<StoredPayment>
  /** Counts a failure of a request. The count is kept for a day. */
  countFailure(madeBy: MadeBy): Promise<number>
  /** Returns payments with a due webhook, the earliest first. */
  withDueWebhook(limit: number): Promise<StoredPayment[]>
  /** Returns payments whose first webhook is due later than `time`. */
  withWebhookDueAfter(time: Date, limit: number): Promise<StoredPayment[]>
  /** Counts the payments that have waiting webhooks. */
  countWithWebhooks(): Promise<number>
  /** Removes sent webhooks, or stores when to send them again. Other webhooks stay. */
  recordDeliveries(payment: StoredPayment, deliveries: Delivery[]): Promise<void>
  /** Removes expired payments from the list of all payments. Redis itself removes the other keys. */
  sweep(): Promise<void>
}

const DAY_MS = 24 * 3_600_000
/** How long a payment is kept after its last change (ms). Until then, refunds are possible. */
const KEPT_MS = 180 * DAY_MS

/** Opens the store of payments. Each payment is one JSON text that includes its waiting webhooks. */
export function paymentStore({ redis, behaviour, clock, registry, passFaultPoint }: Options): Payments {
  const insertScript = redisScript<string | null>(redis, 'sandbox:insert', scripts.insert)
  // A full store refuses new payments but still accepts changes, because sent webhooks free memory.
  const replaceScript = redisScript<0 | 1>(redis, 'sandbox:change', scripts.replace, 'frees')
  const countFailureScript = redisScript<number>(redis, 'sandbox:count-failure', scripts.countFailure)
  const dropped = register(registry, droppedWebhooks)

  function withWebhooks(payment: StoredPayment, webhooks: Webhook[]): StoredPayment {
    dropped.inc(Math.max(0, webhooks.length - MOST_WAITING))
    return { ...payment, webhooks: webhooks.slice(0, MOST_WAITING) }
  }

  const byId = async (id: string) => parse(await redis.get(keys.payment(id)))

  /** Returns the payments with these IDs, without expired payments. */
  async function byIds(ids: string[]) {
    if (ids.length === 0) return []
    const texts = await redis.mget(ids.map(keys.payment))
    return texts.flatMap(text => parse(text) ?? [])
  }

  const byDueTime = async (from: string, to: string, limit: number) =>
    byIds(await redis.zrange(keys.dueWebhooks, from, to, 'BYSCORE', 'LIMIT', 0, limit))

  /** Runs a write between its two fault points. */
  async function write<Reply>(name: string, run: () => Promise<Reply>): Promise<Reply> {
    passFaultPoint('before-write', name)
    const reply = await run()
    passFaultPoint('after-write', name)
    return reply
  }

  /** Changes a payment, and tries again if another change came first. Pass `read` if the payment was just read, to skip a read. */
  async function update(id: string, transition: Transition, read?: StoredPayment) {
    for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt++) {
      const before = orNotFound((attempt === 1 && read) || (await byId(id)))
      const after = transition(before)
      if (textOf(after) === textOf(before)) return before
      const name = after.state === before.state ? 'payments.update' : `payments.update.${after.state}`
      const args = [...argumentsOf(after), textOf(before), memberOf(before)]
      if ((await write(name, () => replaceScript(keysOf(after), args))) === 1) return after
      await pauseAfter(attempt)
    }
    throw tooContended('The payment', id)
  }

  return {
    byId,

    async list({ reference, since, limit, cursor }) {
      const scope = { payments: { reference, since } }
      const last = cursor === undefined ? undefined : decodeCursor(cursor, scope).join(' ')
      const from = last ? `(${last}` : since ? `[${since}` : '-'
      const list = reference === undefined ? keys.allPayments : keys.paymentsByReference(reference)
      const members = await redis.zrange(list, from, '+', 'BYLEX', 'LIMIT', 0, limit + 1)
      const page = toPage(members, limit, scope, member => member.split(' '))
      return { ...page, items: await byIds(page.items.map(member => member.split(' ')[1]!)) }
    },

    async insert(authorised, { key, content }) {
      const webhooks = newWebhooks(webhookType(authorised), await behaviour.read(), clock)
      const payment = withWebhooks(authorised, webhooks)
      const request = { key, content, id: payment.id }
      const args = [...argumentsOf(payment), JSON.stringify(request)]
      const earlier = await write(`payments.insert.${payment.state}`, () =>
        insertScript([...keysOf(payment), keys.request(request)], args)
      )
      if (earlier === null) return payment
      const first: typeof request = JSON.parse(earlier)
      return earlierResult(first, request, () => byId(first.id))
    },

    async change(id, transition) {
      const present = await behaviour.read()
      return update(id, before => {
        const after = transition(before)
        if (after === before) return before
        const webhooks = [...before.webhooks, ...newWebhooks(webhookType(after, before), present, clock)]
        return withWebhooks({ ...after, changedAt: clock.now().toISOString() }, webhooks)
      })
    },

    countFailure: madeBy => countFailureScript([keys.failures(madeBy)], [DAY_MS]),

    withDueWebhook: limit => byDueTime('-inf', String(clock.now().getTime()), limit),

    withWebhookDueAfter: (time, limit) => byDueTime(`(${time.getTime()}`, '+inf', limit),

    countWithWebhooks: () => redis.zcard(keys.dueWebhooks),

    async recordDeliveries(payment, deliveries) {
      const settle: Transition = before => ({ ...before, webhooks: stillWaiting(before.webhooks, deliveries) })
      await update(payment.id, settle, payment)
    },

    async sweep() {
      const oldest = new Date(clock.now().getTime() - KEPT_MS).toISOString()
      await redis.zremrangebylex(keys.allPayments, '-', `(${oldest}`)
    }
  }
}

const parse = (text: string | null) => (text === null ? null : (JSON.parse(text) as StoredPayment))

/** Returns the stored text of a payment, also if it was parsed from that text, because parsing keeps the order of fields. */
const textOf = (payment: StoredPayment) => JSON.stringify(payment)

/** Returns the payment's member in the lists of payments. */
const memberOf = ({ changedAt, id }: StoredPayment) => `${changedAt} ${id}`

const keysOf = ({ id, reference }: StoredPayment) => [
  keys.payment(id),
  keys.allPayments,
  keys.paymentsByReference(reference),
  keys.dueWebhooks
]

function argumentsOf(payment: StoredPayment) {
  const due = firstDue(payment.webhooks)
  return [textOf(payment), payment.id, memberOf(payment), due === undefined ? '' : Date.parse(due), KEPT_MS]
}
