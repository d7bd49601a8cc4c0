import type { CallContext } from '@bulkhead/chassis/client'
import type { Clock, Context, Money } from '@bulkhead/chassis/core'

/** The current payment at the provider. */
export type ProviderPayment = {
  /** The provider's ID. Missing if the provider refused to create the payment. */
  remoteId?: string | undefined
  /** The ID of the payment in payments. */
  reference: string
  state: 'pending' | 'authorised' | 'declined' | 'captured' | 'voided'
  captured: number
  /** The refunds. Each has its ID in payments, or the provider's ID if it was made by hand at the provider. */
  refunds: { id: string; amount: number }[]
  /** The reason of the decline. */
  reason?: string | undefined
  /** The next step that the customer must take, while the payment is pending. */
  action?: { id: string; url?: string | undefined } | undefined
}

/** The ID of a payment, and the provider's ID if it is known. */
export type PaymentReference = { id: string; remoteId?: string | undefined }

/** The provider refuses a call permanently. Read the payment at the provider to find the cause. */
export class ProviderRefusal extends Error {
  override readonly name = 'ProviderRefusal'
}

/**
 * Moves the money. Every call is idempotent by the IDs of payments and ends by the context's deadline. Calls reject with a 503 Problem if
 * the provider is unavailable or too slow, and with `ProviderRefusal` if it refuses.
 */
export type Provider = {
  /** The name of the provider in the configuration, in the path of webhooks and in the records. */
  name: string
  authorise(payment: { id: string; amount: Money; method: string }, context: CallContext): Promise<ProviderPayment>
  capture(payment: PaymentReference, amount: number, context: CallContext): Promise<ProviderPayment>
  void(payment: PaymentReference, context: CallContext): Promise<ProviderPayment>
  refund(
    payment: PaymentReference,
    refund: { id: string; amount: number },
    context: CallContext
  ): Promise<ProviderPayment>
  /** Returns the current payment; undefined if the provider does not know it. */
  get(payment: PaymentReference, context: CallContext): Promise<ProviderPayment | undefined>
  /** Returns a page of the payments that have changed since an ISO 8601 time. The time is by the provider's clock. */
  changedSince(since: string, cursor: string | undefined, context: CallContext): Promise<Changes>
  /** Reads a webhook. Throws a 400 if the webhook is not from the provider or is too old. */
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
  /** The ID of the payment in payments; undefined if the payment is not one of ours. */
  reference: string | undefined
  state: ProviderPayment['state'] | undefined
}

/** How long a request waits for the provider (ms). */
export const PROVIDER_MS = 3_000
/** The time that is left to write the result and to answer (ms). */
const REST_MS = 250

/** Returns the context for a call to the provider. Its deadline leaves time to write the result and to answer the request. */
export const providerContext = ({ requestId, traceparent, deadline }: Context, clock: Clock): CallContext => ({
  requestId,
  traceparent,
  deadline: Math.min(deadline - REST_MS, clock.now().getTime() + PROVIDER_MS)
})
