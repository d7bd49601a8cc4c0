import type { CallContext } from '@bulkhead/chassis/client'
import type { Money } from '@bulkhead/chassis/core'

/** A payment as the provider has it now. */
export type ProviderPayment = {
  /** The provider's ID. Missing where the provider refused to make a payment at all. */
  remoteId?: string | undefined
  /** Our ID. */
  reference: string
  state: 'pending' | 'authorised' | 'declined' | 'captured' | 'voided'
  captured: number
  /** Refunds by our IDs, or by the provider's where they were made there by hand. */
  refunds: { id: string; amount: number }[]
  /** Why it was declined. */
  reason?: string | undefined
  /** The next step that the customer must take, while the payment is pending. */
  action?: { id: string; url?: string | undefined } | undefined
}

/** A payment's ID, and the provider's ID where it is known. */
export type PaymentReference = { id: string; remoteId?: string | undefined }

/** The provider refuses for good. The payment as the provider has it now says why. */
export class ProviderRefusal extends Error {
  override readonly name = 'ProviderRefusal'
}

/**
 * Moves the money. Every call is idempotent by our IDs and ends by the context's deadline. It rejects with a 503 Problem if the provider
 * is away or too slow, and with `ProviderRefusal` if it refuses.
 */
export type Provider = {
  /** As in the configuration, in the path of webhooks and in the records. */
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
  /** Reads a webhook. Throws a 400 where it is not from the provider or too old. */
  parseWebhook(body: Buffer, signature: string | undefined, now: Date): WebhookHint
}

export type Changes = {
  changed: ProviderPayment[]
  /** The time of the last change in it. */
  until: string
  /** The cursor of the next page. */
  next?: string | undefined
}

/** What a webhook says. */
export type WebhookHint = {
  /** Our ID of the payment; undefined where it is none of ours. */
  reference: string | undefined
  state: ProviderPayment['state'] | undefined
}
