import type { CallContext } from '@bulkhead/chassis/client'
import { type Clock, type Money, unavailable } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import Stripe from 'stripe'
import { verifiedWebhook } from '../../webhooks/signature.ts'
import { PROVIDER_MS } from '../deadline.ts'
import { type Named, type Provider, Refused, type Remote } from '../provider.ts'
import { limitedFetch } from './limited-fetch.ts'
import { reasonOf, remoteOf } from './payment-intent.ts'

type Options = {
  secretKey: string
  webhookSecret: string
  clock: Clock
  log: Logger
  registry: Registry
  /** Stripe's own where none is given. */
  url?: string | undefined
}

const PAGE = 100
/** Payments of a page of events that are asked for at once. */
const AT_ONCE = 10
/** Events that tell of a change of a payment's money or state, with the state that they tell. */
const EVENTS: Record<string, Remote['state'] | undefined> = {
  'payment_intent.amount_capturable_updated': 'authorised',
  'payment_intent.requires_action': 'pending',
  'payment_intent.payment_failed': 'declined',
  'payment_intent.canceled': 'voided',
  'payment_intent.succeeded': 'captured',
  'charge.refunded': undefined
}

/**
 * Stripe, by PaymentIntents that are captured by hand. A payment's reference and a refund's are kept in their metadata, and are the
 * idempotency keys. https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
 */
export function stripeProvider({ secretKey, webhookSecret, clock, log, registry, url }: Options): Provider {
  const stripe = new Stripe(secretKey, {
    ...{ ...addressOf(url), maxNetworkRetries: 0, telemetry: false },
    httpClient: Stripe.createFetchHttpClient(limitedFetch(registry))
  })
  const within = ({ deadline }: CallContext) => ({ timeout: Math.max(1, deadline - clock.now().getTime()) })

  /** The payment with its refunds, which are a list of their own. */
  async function whole(intent: Stripe.PaymentIntent, context: CallContext): Promise<Remote> {
    if (intent.status !== 'succeeded') return remoteOf(intent, [])
    const { data } = await stripe.refunds.list({ payment_intent: intent.id, limit: PAGE }, within(context))
    return remoteOf(intent, data)
  }

  const retrieved = async (id: string, context: CallContext) =>
    whole(await stripe.paymentIntents.retrieve(id, {}, within(context)), context)
  /** For a page of events nobody waits: each request has the time of one. */
  const ownTime = (context: CallContext) => ({ ...context, deadline: clock.now().getTime() + PROVIDER_MS })

  const idOf = (named: Named, context: CallContext) =>
    named.remoteId ? Promise.resolve(named.remoteId) : search(named, context).then(intent => intent?.id ?? unknown())

  /** Without its ID there: what was made a minute ago at most may not be found yet, and is asked for again with its key. */
  async function search({ id }: Named, context: CallContext) {
    const query = `metadata['reference']:'${id}'`
    return (await stripe.paymentIntents.search({ query, limit: 1 }, within(context))).data[0]
  }

  return {
    name: 'stripe',

    async authorise({ id, amount, method }, context) {
      try {
        return await whole(
          await stripe.paymentIntents.create(intentOf(id, amount, method), { ...within(context), idempotencyKey: id }),
          context
        )
      } catch (error) {
        return declinedOf(id, error, log)
      }
    },
    capture: (named, amount, context) =>
      asking(async () =>
        whole(
          await stripe.paymentIntents.capture(
            await idOf(named, context),
            { amount_to_capture: amount },
            { ...within(context), idempotencyKey: `${named.id}.capture.${amount}` }
          ),
          context
        )
      ),
    void: (named, context) =>
      asking(async () =>
        whole(await stripe.paymentIntents.cancel(await idOf(named, context), {}, within(context)), context)
      ),
    refund: (named, { id, amount }, context) =>
      asking(async () => {
        const payment_intent = await idOf(named, context)
        const asked = { payment_intent, amount, metadata: { reference: id } }
        await stripe.refunds.create(asked, { ...within(context), idempotencyKey: id })
        return retrieved(payment_intent, context)
      }),
    get: (named, context) =>
      asking(async () => {
        const intent = named.remoteId
          ? await stripe.paymentIntents.retrieve(named.remoteId, {}, within(context))
          : await search(named, context)
        return intent && whole(intent, context)
      }),
    /** By Stripe's events, which it keeps for 30 days, and which come latest first. */
    changedSince: (since, cursor, context) =>
      asking(async () => {
        const created = { gte: Math.floor(Date.parse(since) / 1000) }
        const filter = { types: Object.keys(EVENTS), created, limit: PAGE, ...(cursor && { starting_after: cursor }) }
        const { data, has_more } = await stripe.events.list(filter, within(context))
        const ids = [...new Set(data.flatMap(event => intentIdOf(event) ?? []))]
        const changed: Remote[] = []
        for (let first = 0; first < ids.length; first += AT_ONCE) {
          const some = ids.slice(first, first + AT_ONCE)
          changed.push(...(await Promise.all(some.map(id => retrieved(id, ownTime(context))))))
        }
        const latest = Math.max(Date.parse(since), ...data.map(({ created }) => created * 1000))
        return { changed, until: new Date(latest).toISOString(), next: has_more ? data.at(-1)?.id : undefined }
      }),
    parseWebhook(body, signature, now) {
      const { type, data } = verifiedWebhook(body, signature, webhookSecret, now) as Partial<Stripe.Event>
      const { metadata } = (data?.object ?? {}) as { metadata?: Record<string, string> }
      return { reference: metadata?.reference, state: EVENTS[String(type)] }
    }
  }
}

const intentOf = (reference: string, { amount, currency }: Money, method: string) => ({
  ...{ amount, currency: currency.toLowerCase(), payment_method: method, confirm: true, metadata: { reference } },
  capture_method: 'manual' as const,
  automatic_payment_methods: { enabled: true, allow_redirects: 'never' as const }
})

/** A declined card is an answer; a request that can never be a payment is refused alike, and logged. Throws other errors, as `asking` does. */
function declinedOf(reference: string, error: unknown, log: Logger): Remote {
  const nothing = { reference, state: 'declined' as const, captured: 0, refunds: [] }
  if (error instanceof Stripe.errors.StripeCardError) {
    const reason = reasonOf({ code: error.code ?? '', decline_code: error.decline_code ?? '' })
    return { ...nothing, ...(error.payment_intent && { remoteId: error.payment_intent.id }), reason }
  }
  if (error instanceof Stripe.errors.StripeInvalidRequestError) {
    const { message, code, param } = error
    log.warn({ payment: reference, cause: message, code, param }, 'Stripe refuses the request of a payment')
    return { ...nothing, reason: 'payment-method-refused' }
  }
  throw problemOf(error)
}

/** Turns the errors of Stripe's library into those that a provider may reject with. */
async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw problemOf(error)
  }
}

function problemOf(error: unknown) {
  const { StripeCardError, StripeInvalidRequestError, StripeConnectionError, StripeAPIError, StripeRateLimitError } =
    Stripe.errors
  if (error instanceof StripeCardError || error instanceof StripeInvalidRequestError)
    return new Refused('Stripe refuses', { cause: error })
  if (
    error instanceof StripeConnectionError ||
    error instanceof StripeAPIError ||
    error instanceof StripeRateLimitError
  )
    return unavailable('stripe', 1, error)
  return error
}

function intentIdOf({ data: { object } }: Stripe.Event): string | undefined {
  const { object: kind, id, payment_intent } = object as { object?: string; id?: string; payment_intent?: unknown }
  if (kind === 'payment_intent') return id
  return typeof payment_intent === 'string' ? payment_intent : undefined
}

function addressOf(url: string | undefined): ConstructorParameters<typeof Stripe>[1] {
  if (url === undefined) return {}
  const { protocol, hostname, port } = new URL(url)
  return { protocol: protocol === 'http:' ? 'http' : 'https', host: hostname, port }
}

const unknown = (): never => {
  throw new Refused('Stripe has no such payment')
}
