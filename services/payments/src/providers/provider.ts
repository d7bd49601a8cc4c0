import type { CallContext } from '@bulkhead/chassis/client'
import type { Money } from '@bulkhead/chassis/core'

/** A payment as the provider has it now. `refunds` by our references, or by the provider's IDs where made there by hand. */
export type Remote = {
  /** The provider's ID; none where it refused to make a payment at all. */
  remoteId?: string
  reference: string
  state: 'pending' | 'authorised' | 'declined' | 'captured' | 'voided'
  captured: number
  refunds: { id: string; amount: number }[]
  reason?: string
  /** What the customer must do, while pending. */
  action?: { id: string; url?: string }
}

/** How a payment is found: by our ID, and by the provider's where that is known. */
export type Named = { id: string; remoteId?: string | undefined }

/** The provider says no, for good: the payment as it is now tells why. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

/**
 * Who moves the money. Every call is idempotent by our IDs, and rejects with the 503 Problem where the provider is away or too slow,
 * with `Refused` where it says no. Each call ends by the context's deadline.
 */
export type Provider = {
  /** As it is in config, in webhooks' paths and in the book. */
  name: string
  authorise(asked: { id: string; amount: Money; method: string }, context: CallContext): Promise<Remote>
  capture(payment: Named, amount: number, context: CallContext): Promise<Remote>
  void(payment: Named, context: CallContext): Promise<Remote>
  refund(payment: Named, refund: { id: string; amount: number }, context: CallContext): Promise<Remote>
  /** The payment as it is now; undefined where there is none of this ID. */
  get(payment: Named, context: CallContext): Promise<Remote | undefined>
  /**
   * A page of the payments that changed since a time by the provider's clock, in the order of their change. `until` is the time of the
   * last change in it; `next` is the cursor of the next page.
   */
  changedSince(since: string, cursor: string | undefined, context: CallContext): Promise<Changes>
  /** Whose payment a webhook is about, and which state it tells. Throws a 400 where it is not the provider's or not of now. */
  parseWebhook(body: Buffer, signature: string | undefined, now: Date): Hint
}

type Changes = { changed: Remote[]; until: string; next?: string | undefined }

/** `reference` is undefined where it is of no payment of ours. */
export type Hint = { reference: string | undefined; state: Remote['state'] | undefined }
