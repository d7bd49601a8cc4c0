import type { CallContext } from '@bulkhead/chassis/client'
import type { Clock, Context, Money } from '@bulkhead/chassis/core'

/** A payment as the provider has it now. */
export type ProviderPayment = {
  /** The provider's ID. Missing if the provider refused to create the payment. */
  remoteId?: string | undefined
  /** Our ID. */
  reference: string
  state: 'pending' | 'authorised' | 'declined' | 'captured' | 'voided'
  captured: number
  /** Each refund by our ID, or by the provider's ID if it was made there by hand. */
  refunds: { id: string; amount: number }[]
  /** Why it was declined. */
  reason?: string | undefined
  /** The next step that the customer must take, while the payment is pending. */
  action?: { id: string; url?: string | undefined } | undefined
}

/** A payment's ID, and the provider's ID if it is known. */
export type PaymentReference = { id: string; remoteId?: string | undefined }

/** The provider refuses a call for good. Read the payment at the provider to find out why. */
export class ProviderRefusal extends Error {
  override readonly name = 'ProviderRefusal'
}

/**
 * Moves the money. Every call is idempotent by our IDs and ends by the context's deadline. It rejects with a 503 Problem if the provider
 * is away or too slow, and with `ProviderRefusal` if it refuses.
 */
export type Provider = {
  /** The name in the configuration, in the path of webhooks and in the records. */
  name: string
  authorise(payment: { id: string; amount: Money; method: string }, context: CallContext): Promise<ProviderPayment>
  capture(payment: PaymentReference, amount: number, context: CallContext): Promise<ProviderPayment>
  void(payment: PaymentReference, context: CallContext): Promise<ProviderPayment>
  refund(
    payment: PaymentReference,
    refund: { id: string; amount: number },
    context: CallContext
  ): Promise<ProviderPayment>
  /** The payment as it is now; undefined if the provider does not know it. */
  get(payment: PaymentReference, context: CallContext): Promise<ProviderPayment | undefined>
  /** A page of the payments that changed since an ISO 8601 time by the provider's clock. */
  changedSince(since: string, cursor: string | undefined, context: CallContext): Promise<Changes>
  /** Reads a webhook. Throws a 400 if it is not from the provider or is too old. */
  parseWebhook(body: Buffer, signature: string | undefined, now: Date): WebhookHint
}

export type Changes = {
  changed: ProviderPayment[]
  /** The time of the last change on this page. */
  until: string
  /** The cursor of the next page. */
  next?: string | undefined
}

/** The content of a webhook. */
export type WebhookHint = {
  /** Our ID of the payment; undefined if the payment is not ours. */
  reference: string | undefined
  state: ProviderPayment['state'] | undefined
}

/** How long a request waits for the provider (ms). */
export const PROVIDER_MS = 3_000
/** The time kept to write down the result and to answer (ms). */
const REST_MS = 250

/** The request's context for a call of the provider, with a deadline that leaves time to answer. */
export const providerContext = ({ requestId, traceparent, deadline }: Context, clock: Clock): CallContext => ({
  requestId,
  traceparent,
  deadline: Math.min(deadline - REST_MS, clock.now().getTime() + PROVIDER_MS)
})
