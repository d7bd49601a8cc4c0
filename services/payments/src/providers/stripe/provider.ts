import type { CallContext } from '@bulkhead/chassis/client'
import { type Clock, type Money, unavailable } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import Stripe from 'stripe'
import { verifyWebhook } from '../../webhooks/signature.ts'
import {
  type Changes,
  type PaymentReference,
  PROVIDER_MS,
  type Provider,
  type ProviderPayment,
  ProviderRefusal
} from '../provider.ts'
import { limitedFetch } from './limited-fetch.ts'
import { providerPaymentOf, reasonOf } from './payment-intent.ts'

type Options = {
  secretKey: string
  webhookSecret: string
  clock: Clock
  log: Logger
  registry: Registry
  /** The address of a stand-in for Stripe; by default the address of Stripe. */
  url?: string | undefined
}

const PAGE = 100
/** Maximum number of simultaneous reads of payments. */
const MOST_READS = 10
/** The events about changes of a payment, and the state that each reports. */
const EVENTS: Record<string, ProviderPayment['state'] | undefined> = {
  'payment_intent.amount_capturable_updated': 'authorised',
  'payment_intent.requires_action': 'pending',
  'payment_intent.payment_failed': 'declined',
  'payment_intent.canceled': 'voided',
  'payment_intent.succeeded': 'captured',
  'charge.refunded': undefined
}

/**
 * Makes the provider Stripe, with PaymentIntents that are captured manually. Their metadata has the IDs of payments and refunds, which are
 * also the idempotency keys. https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
 */
export function stripeProvider({ secretKey, webhookSecret, clock, log, registry, url }: Options): Provider {
  const stripe = new Stripe(secretKey, {
    ...addressOf(url),
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient(limitedFetch(registry))
  })
  const within = ({ deadline }: CallContext) => ({ timeout: Math.max(1, deadline - clock.now().getTime()) })

  /** Adds the refunds of a PaymentIntent, which Stripe returns only for a separate request. */
  async function withRefunds(intent: Stripe.PaymentIntent, context: CallContext): Promise<ProviderPayment> {
    if (intent.status !== 'succeeded') return providerPaymentOf(intent, [])
    const { data } = await stripe.refunds.list({ payment_intent: intent.id, limit: PAGE }, within(context))
    return providerPaymentOf(intent, data)
  }

  const read = async (id: string, context: CallContext) =>
    withRefunds(await stripe.paymentIntents.retrieve(id, {}, within(context)), context)

  /**
   * Searches for a payment by its ID in payments. Stripe's search finds a payment only a minute after its creation. Before that, authorise
   * again with the same idempotency key.
   */
  async function search({ id }: PaymentReference, context: CallContext) {
    const query = `metadata['reference']:'${id}'`
    return (await stripe.paymentIntents.search({ query, limit: 1 }, within(context))).data[0]
  }

  async function remoteIdOf(payment: PaymentReference, context: CallContext) {
    const remoteId = payment.remoteId ?? (await search(payment, context))?.id
    if (remoteId === undefined) throw new ProviderRefusal('Stripe has no such payment')
    return remoteId
  }

  /** Reads payments, `MOST_READS` at a time. No request waits for them, so each read may take `PROVIDER_MS`. */
  async function readAll(ids: string[], context: CallContext) {
    const payments: ProviderPayment[] = []
    for (let first = 0; first < ids.length; first += MOST_READS) {
      const reads = ids
        .slice(first, first + MOST_READS)
        .map(id => read(id, { ...context, deadline: clock.now().getTime() + PROVIDER_MS }))
      payments.push(...(await Promise.all(reads)))
    }
    return payments
  }

  return {
    name: 'stripe',

    async authorise({ id, amount, method }, context) {
      const options = { ...within(context), idempotencyKey: id }
      try {
        return await withRefunds(await stripe.paymentIntents.create(intentOf(id, amount, method), options), context)
      } catch (error) {
        return declinedOf(id, error, log)
      }
    },
    capture: (payment, amount, context) =>
      translateErrors(async () => {
        const id = await remoteIdOf(payment, context)
        const options = { ...within(context), idempotencyKey: `${payment.id}.capture.${amount}` }
        const intent = await stripe.paymentIntents.capture(id, { amount_to_capture: amount }, options)
        return withRefunds(intent, context)
      }),
    void: (payment, context) =>
      translateErrors(async () => {
        const id = await remoteIdOf(payment, context)
        return withRefunds(await stripe.paymentIntents.cancel(id, {}, within(context)), context)
      }),
    refund: (payment, { id, amount }, context) =>
      translateErrors(async () => {
        const payment_intent = await remoteIdOf(payment, context)
        const refund = { payment_intent, amount, metadata: { reference: id } }
        await stripe.refunds.create(refund, { ...within(context), idempotencyKey: id })
        return read(payment_intent, context)
      }),
    get: (payment, context) =>
      translateErrors(async () => {
        const intent = payment.remoteId
          ? await stripe.paymentIntents.retrieve(payment.remoteId, {}, within(context))
          : await search(payment, context)
        return intent && withRefunds(intent, context)
      }),
    // Stripe keeps events for 30 days, and lists the latest first.
    changedSince: (since, cursor, context) =>
      translateErrors(async (): Promise<Changes> => {
        const created = { gte: Math.floor(Date.parse(since) / 1000) }
        const filter: Stripe.EventListParams = { types: Object.keys(EVENTS), created, limit: PAGE }
        if (cursor) filter.starting_after = cursor
        const { data, has_more } = await stripe.events.list(filter, within(context))
        const ids = new Set(data.flatMap(event => intentIdOf(event) ?? []))
        const latest = Math.max(Date.parse(since), ...data.map(({ created }) => created * 1000))
        return {
          changed: await readAll([...ids], context),
          until: new Date(latest).toISOString(),
          next: has_more ? data.at(-1)?.id : undefined
        }
      }),
    parseWebhook(body, signature, now) {
      const { type, data } = verifyWebhook(body, signature, webhookSecret, now) as Partial<Stripe.Event>
      const { metadata } = (data?.object ?? {}) as { metadata?: Record<string, string> }
      return { reference: metadata?.reference, state: EVENTS[String(type)] }
    }
  }
}

const intentOf = (reference: string, { amount, currency }: Money, method: string) => ({
  amount,
  currency: currency.toLowerCase(),
  payment_method: method,
  confirm: true,
  metadata: { reference },
  capture_method: 'manual' as const,
  automatic_payment_methods: { enabled: true, allow_redirects: 'never' as const }
})

/**
 * Returns a declined payment for a declined card. Also returns one for a request that can never succeed, and logs it. Throws any other
 * error in translated form.
 */
function declinedOf(reference: string, error: unknown, log: Logger): ProviderPayment {
  const declined = { reference, state: 'declined' as const, captured: 0, refunds: [] }
  if (error instanceof Stripe.errors.StripeCardError) {
    const reason = reasonOf({ code: error.code ?? '', decline_code: error.decline_code ?? '' })
    return { ...declined, remoteId: error.payment_intent?.id, reason }
  }
  if (error instanceof Stripe.errors.StripeInvalidRequestError) {
    const { message, code, param } = error
    log.warn({ payment: reference, cause: message, code, param }, 'Stripe refuses the request for a payment')
    return { ...declined, reason: 'payment-method-refused' }
  }
  throw translated(error)
}

/** Translates the errors of Stripe's library into those with which a provider may reject. */
async function translateErrors<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw translated(error)
  }
}

function translated(error: unknown) {
  const { StripeCardError, StripeInvalidRequestError, StripeConnectionError, StripeAPIError, StripeRateLimitError } =
    Stripe.errors
  if (error instanceof StripeCardError || error instanceof StripeInvalidRequestError)
    return new ProviderRefusal('Stripe refuses', { cause: error })
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

function addressOf(url: string | undefined): Stripe.StripeConfig {
  if (url === undefined) return {}
  const { protocol, hostname, port } = new URL(url)
  return { protocol: protocol === 'http:' ? 'http' : 'https', host: hostname, port }
}
