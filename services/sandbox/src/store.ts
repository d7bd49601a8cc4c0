import type { Versioned } from '@bulkhead/chassis/aggregates'
import type { Clock } from '@bulkhead/chassis/clock'
import type { MadeBy } from '@bulkhead/chassis/idempotency'
import { Problem } from '@bulkhead/chassis/problem'
import { quietAggregates } from '@bulkhead/chassis/quiet-aggregates'
import type { Db } from 'mongodb'
import { Counter, type Registry } from 'prom-client'
import type { CardBehaviour } from './cards.ts'
import type { StoredPayment } from './payment.ts'
import { type PaymentMethod, type WebhookBehaviour, webhookBehaviour } from './schemas.ts'
import { MOST_WAITING, type Webhook, waiting, webhooksOf } from './webhooks.ts'

type StoredMethod = Omit<PaymentMethod, 'id'> & { _id: string; behaviour: CardBehaviour; createdAt: Date }

export type Store = Awaited<ReturnType<typeof sandboxStore>>

/** How often the card for errors fails. */
const FAILURES = 3
const BEHAVIOUR = 'webhooks'
/** Milliseconds in which another replica may still go by the behaviour of before. */
const BEHAVIOUR_KEPT_MS = 1_000

/** What the sandbox keeps: payment methods, payments with the webhooks that wait, and how webhooks are delivered. */
export async function sandboxStore(db: Db, clock: Clock, registry: Registry) {
  const payments = quietAggregates<StoredPayment>({ db, collection: 'payments', schemaVersion: 1, clock })
  const methods = db.collection<StoredMethod>('methods')
  const failures = db.collection<{ _id: string; count: number; at: Date }>('failures')
  const settings = db.collection<WebhookBehaviour & { _id: string }>('settings')
  await payments.indexKeys()
  await payments.collection.createIndex({ reference: 1 })
  await payments.collection.createIndex({ changedAt: 1, _id: 1 })
  await payments.collection.createIndex({ webhookAt: 1 }, { sparse: true })
  await methods.createIndex({ createdAt: 1 })
  await failures.createIndex({ at: 1 })

  const dropped = new Counter({
    name: 'sandbox_webhooks_dropped_total',
    help: 'Webhooks that were never kept, as too many of their payment waited',
    registers: [registry]
  })

  /** The payment with its webhooks waiting, up to the limit. */
  function withWebhooks(payment: StoredPayment, webhooks: Webhook[]) {
    dropped.inc(Math.max(0, webhooks.length - MOST_WAITING))
    return waiting(payment, webhooks)
  }

  /** Read once a second at most: every payment asks for it. */
  let known: { behaviour: WebhookBehaviour; until: number } | undefined
  async function behaviour(): Promise<WebhookBehaviour> {
    if (known && performance.now() < known.until) return known.behaviour
    const read = webhookBehaviour.parse((await settings.findOne({ _id: BEHAVIOUR })) ?? {})
    known = { behaviour: read, until: performance.now() + BEHAVIOUR_KEPT_MS }
    return read
  }

  const waitingWhere = (webhookAt: object, limit: number) =>
    payments.find({ webhookAt }).sort({ webhookAt: 1 }).limit(limit).toArray()

  return {
    payments,
    behaviour,

    async setBehaviour(asked: WebhookBehaviour) {
      await settings.updateOne({ _id: BEHAVIOUR }, { $set: asked }, { upsert: true })
      known = undefined
    },

    async addMethod({ id, ...method }: PaymentMethod, does: CardBehaviour) {
      await methods.insertOne({ ...method, _id: id, behaviour: does, createdAt: clock.now() })
    },

    methodById: (id: string) => methods.findOne({ _id: id }),

    /** Throws a 500 for the first three attempts with a request's key. */
    async fail({ key }: MadeBy) {
      const counted = { $inc: { count: 1 }, $set: { at: clock.now() } }
      const found = await failures.findOneAndUpdate({ _id: key }, counted, { upsert: true, returnDocument: 'after' })
      if (found!.count <= FAILURES) throw new Problem(500, 'provider-error', 'Something went wrong at the provider')
    },

    /** Stores a new payment with its webhooks, or returns the one that the same request made before. */
    async insert(payment: StoredPayment, madeBy: MadeBy): Promise<Versioned<StoredPayment>> {
      const webhooks = webhooksOf(undefined, payment, await behaviour(), clock)
      return payments.insert(withWebhooks(payment, webhooks), madeBy)
    },

    /** Changes a payment by a rule, with the webhooks of the change in the same write. */
    async change(id: string, rule: (payment: StoredPayment) => StoredPayment): Promise<Versioned<StoredPayment>> {
      const how = await behaviour()
      const changed = (before: StoredPayment) => {
        const after = rule(before)
        if (after === before) return before
        const webhooks = [...before.webhooks, ...webhooksOf(before, after, how, clock)]
        return withWebhooks({ ...after, changedAt: clock.now().toISOString() }, webhooks)
      }
      return payments.change(id, changed)
    },

    /** Payments with a webhook that is due, the longest first. */
    due: (limit: number) => waitingWhere({ $lte: clock.now().toISOString() }, limit),

    /** Payments whose next webhook is due after `at`. */
    dueAfter: (at: Date, limit: number) => waitingWhere({ $gt: at.toISOString() }, limit),

    /** Payments that have a webhook waiting. */
    waiting: () => payments.collection.countDocuments({ webhookAt: { $exists: true } }),

    /** What became of webhooks that were sent. Those that came meanwhile stay. */
    async delivered(
      payment: Versioned<StoredPayment>,
      outcomes: Map<StoredPayment['webhooks'][number], string | undefined>
    ) {
      const isOf = (one: StoredPayment['webhooks'][number]) =>
        [...outcomes].find(([sent]) => sent.id === one.id && sent.due === one.due)
      const rule = (before: StoredPayment) => {
        const left = before.webhooks.flatMap(webhook => {
          const outcome = isOf(webhook)
          if (!outcome) return [webhook]
          const [, due] = outcome
          return due === undefined ? [] : [{ ...webhook, due, attempts: webhook.attempts + 1 }]
        })
        return waiting(before, left)
      }
      await payments.change(payment, rule)
    },

    /** Forgets payment methods of before `kept`, as a provider does with those that were never attached to a customer. */
    async sweep(kept: Date) {
      await methods.deleteMany({ createdAt: { $lt: kept } })
      await failures.deleteMany({ at: { $lt: kept } })
    }
  }
}
