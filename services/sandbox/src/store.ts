import { setTimeout } from 'node:timers/promises'
import { decodeCursor, type MadeBy, madeEarlier, pageFrom } from '@bulkhead/chassis/contract'
import { backoff, type Clock, type FaultPoint, found, Problem, unavailable } from '@bulkhead/chassis/core'
import { redisScript } from '@bulkhead/chassis/redis'
import type { Redis } from 'ioredis'
import { Counter, type Registry } from 'prom-client'
import type { CardBehaviour } from './cards.ts'
import type { StoredPayment } from './payment.ts'
import { type PaymentMethod, type WebhookBehaviour, webhookBehaviour } from './schemas.ts'
import * as scripts from './scripts.ts'
import { firstDue, MOST_WAITING, type Webhook, waiting, webhooksOf } from './webhooks.ts'

/** The hash tag of all keys, so that a script may touch several of them. */
export const TAG = '{sandbox}'

type StoredMethod = PaymentMethod & { behaviour: CardBehaviour }
type Outcomes = Map<Webhook, string | undefined>
type List = { reference: string | undefined; since: string | undefined; limit: number; cursor: string | undefined }
type Options = { redis: Redis; clock: Clock; registry: Registry; at: FaultPoint }

export type Store = ReturnType<typeof sandboxStore>

/** How often the card for errors fails. */
const FAILURES = 3
const DAY_MS = 24 * 3_600_000
/** A provider forgets a method that was never attached to a customer; a payment that stays as it is can be refunded for half a year. */
const LIFE = { method: DAY_MS, payment: 180 * DAY_MS }
/** Milliseconds in which another replica may still go by the behaviour of before. */
const BEHAVIOUR_KEPT_MS = 1_000
/** How often a change is tried while others change the same payment. */
const ATTEMPTS = 20

const keys = {
  all: `${TAG}:payments`,
  due: `${TAG}:due`,
  behaviour: `${TAG}:webhook-behaviour`,
  payment: (id: string) => `${TAG}:payment:${id}`,
  reference: (reference: string) => `${TAG}:payments:${reference}`,
  request: ({ key }: MadeBy) => `${TAG}:request:${key}`,
  failures: ({ key }: MadeBy) => `${TAG}:failures:${key}`,
  method: (id: string) => `${TAG}:method:${id}`
}

/** What the sandbox keeps: payment methods, payments with the webhooks that wait, and how webhooks are delivered. */
export function sandboxStore({ redis, clock, registry, at }: Options) {
  const insert = redisScript<string | null>(redis, 'sandbox:insert', scripts.insert)
  // A full store takes no new payment. Those that it has go on: what is done with them, and the webhooks that are taken, makes room.
  const replace = redisScript<0 | 1>(redis, 'sandbox:change', scripts.change, 'frees')
  const countFailure = redisScript<number>(redis, 'sandbox:count-failure', scripts.countFailure)
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
    const read = webhookBehaviour.parse(JSON.parse((await redis.get(keys.behaviour)) ?? '{}'))
    known = { behaviour: read, until: performance.now() + BEHAVIOUR_KEPT_MS }
    return read
  }

  const byId = async (id: string) => parsed(await redis.get(keys.payment(id)))

  /** Payments by their IDs, without those that are gone. */
  const byIds = async (ids: string[]): Promise<StoredPayment[]> =>
    ids.length === 0 ? [] : (await redis.mget(ids.map(keys.payment))).flatMap(text => parsed(text) ?? [])

  /** Runs a write between its two fault points. */
  async function write<Reply>(name: string, run: () => Promise<Reply>): Promise<Reply> {
    at('before-write', name)
    const reply = await run()
    at('after-write', name)
    return reply
  }

  /**
   * Changes a payment by a rule, which is asked again where another change came first. `read` is the payment as it was just read, where it
   * was. 404 for none, 503 where others always come first.
   */
  async function change(id: string, rule: (payment: StoredPayment) => StoredPayment, read?: StoredPayment) {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = found((attempt === 1 && read) || (await byId(id)))
      const after = rule(before)
      if (textOf(after) === textOf(before)) return before
      const name = ['payments.update', ...(after.state === before.state ? [] : [after.state])].join('.')
      const args = [...argumentsOf(after), textOf(before), placeOf(before)]
      if ((await write(name, () => replace(keysOf(after), args))) === 1) return after
      await setTimeout(backoff(attempt, 2, 50))
    }
    throw unavailable('The payment', 1, new Error(`${id} was changed by others ${ATTEMPTS} times`))
  }

  const waitingWhere = async (from: string, to: string, limit: number) =>
    byIds(await redis.zrange(keys.due, from, to, 'BYSCORE', 'LIMIT', 0, limit))

  return {
    byId,
    behaviour,

    async setBehaviour(asked: WebhookBehaviour) {
      await redis.set(keys.behaviour, JSON.stringify(asked))
      known = undefined
    },

    async addMethod(method: PaymentMethod, does: CardBehaviour) {
      const stored: StoredMethod = { ...method, behaviour: does }
      await redis.set(keys.method(method.id), JSON.stringify(stored), 'PX', LIFE.method)
    },

    async methodById(id: string) {
      const text = await redis.get(keys.method(id))
      return text === null ? null : (JSON.parse(text) as StoredMethod)
    },

    /** Throws a 500 for the first three attempts with a request's key. */
    async fail(madeBy: MadeBy) {
      const count = await countFailure([keys.failures(madeBy)], [LIFE.method])
      if (count <= FAILURES) throw new Problem(500, 'provider-error', 'Something went wrong at the provider')
    },

    /** Stores a new payment with its webhooks, or returns the one that the same request made before. */
    async insert(begun: StoredPayment, { key, content }: MadeBy): Promise<StoredPayment> {
      const payment = withWebhooks(begun, webhooksOf(undefined, begun, await behaviour(), clock))
      const request = { key, content, id: payment.id }
      const args = [...argumentsOf(payment), JSON.stringify(request)]
      const earlier = await write(`payments.insert.${payment.state}`, () =>
        insert([...keysOf(payment), keys.request(request)], args)
      )
      if (earlier === null) return payment
      const first: typeof request = JSON.parse(earlier)
      return madeEarlier(first, request, () => byId(first.id))
    },

    /** Changes a payment by a rule, with the webhooks of the change in the same write. */
    async change(id: string, rule: (payment: StoredPayment) => StoredPayment): Promise<StoredPayment> {
      const how = await behaviour()
      return change(id, before => {
        const after = rule(before)
        if (after === before) return before
        const webhooks = [...before.webhooks, ...webhooksOf(before, after, how, clock)]
        return withWebhooks({ ...after, changedAt: clock.now().toISOString() }, webhooks)
      })
    },

    /** A page of payments in the order of their last change: all, or those of a reference, or those changed `since`. */
    async list({ reference, since, limit, cursor }: List) {
      const scope = { payments: { reference, since } }
      const place = cursor === undefined ? undefined : decodeCursor(cursor, scope).join(' ')
      const from = place ? `(${place}` : since ? `[${since}` : '-'
      const list = reference === undefined ? keys.all : keys.reference(reference)
      const places = await redis.zrange(list, from, '+', 'BYLEX', 'LIMIT', 0, limit + 1)
      const { items, ...next } = pageFrom(places, limit, scope, last => last.split(' '))
      return { items: await byIds(items.map(place => place.split(' ')[1]!)), ...next }
    },

    /** Payments with a webhook that is due, the longest first. */
    due: (limit: number) => waitingWhere('-inf', String(clock.now().getTime()), limit),

    /** Payments whose next webhook is due after `after`. */
    dueAfter: (after: Date, limit: number) => waitingWhere(`(${after.getTime()}`, '+inf', limit),

    /** Payments that have a webhook waiting. */
    waiting: () => redis.zcard(keys.due),

    /** What became of webhooks that were sent. Those that came meanwhile stay. */
    async delivered(payment: StoredPayment, outcomes: Outcomes) {
      const isOf = (one: Webhook) => [...outcomes].find(([sent]) => sent.id === one.id && sent.due === one.due)
      const rule = (before: StoredPayment) => {
        const left = before.webhooks.flatMap(webhook => {
          const outcome = isOf(webhook)
          if (!outcome) return [webhook]
          const [, due] = outcome
          return due === undefined ? [] : [{ ...webhook, due, attempts: webhook.attempts + 1 }]
        })
        return waiting(before, left)
      }
      await change(payment.id, rule, payment)
    },

    /** Drops from the list of all what is gone. The others go by themselves. */
    async sweep() {
      const before = new Date(clock.now().getTime() - LIFE.payment).toISOString()
      await redis.zremrangebylex(keys.all, '-', `(${before}`)
    }
  }
}

/** Also of one that was read: the text that it was parsed from. */
const textOf = (payment: StoredPayment) => JSON.stringify(payment)
const parsed = (text: string | null) => (text === null ? null : (JSON.parse(text) as StoredPayment))
const placeOf = ({ changedAt, id }: StoredPayment) => `${changedAt} ${id}`
const keysOf = ({ id, reference }: StoredPayment) => [keys.payment(id), keys.all, keys.reference(reference), keys.due]

function argumentsOf(payment: StoredPayment) {
  const due = firstDue(payment)
  return [textOf(payment), payment.id, placeOf(payment), due === undefined ? '' : Date.parse(due), LIFE.payment]
}
