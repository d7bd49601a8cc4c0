import type Stripe from 'stripe'
import type { Remote } from '../provider.ts'

const STATES: Record<Stripe.PaymentIntent.Status, Remote['state']> = {
  requires_payment_method: 'declined',
  requires_confirmation: 'pending',
  requires_action: 'pending',
  processing: 'pending',
  requires_capture: 'authorised',
  canceled: 'voided',
  succeeded: 'captured'
}

/** A PaymentIntent and its refunds as payments sees them. */
export function remoteOf(intent: Stripe.PaymentIntent, refunds: Stripe.Refund[]): Remote {
  const state = STATES[intent.status] ?? 'pending'
  const isMoney = ({ status }: Stripe.Refund) => status !== 'failed' && status !== 'canceled'
  return {
    ...{ remoteId: intent.id, reference: intent.metadata.reference ?? intent.id, state },
    captured: state === 'captured' ? intent.amount_received : 0,
    refunds: refunds.filter(isMoney).map(({ id, amount, metadata }) => ({ id: metadata?.reference ?? id, amount })),
    ...(state === 'declined' && { reason: reasonOf(intent.last_payment_error) }),
    // What Stripe's library in the browser needs for the next step.
    ...(state === 'pending' && { action: { id: intent.client_secret ?? intent.id } })
  }
}

const REASONS: Record<string, string> = {
  card_declined: 'card-declined',
  insufficient_funds: 'insufficient-funds',
  expired_card: 'card-expired',
  authentication_required: 'authentication-failed',
  payment_intent_authentication_failure: 'authentication-failed'
}

/** The reason in Stripe's words, as ours: the decline's own where it has one. */
export const reasonOf = (error: { code?: string; decline_code?: string } | null | undefined) =>
  REASONS[error?.decline_code ?? ''] ?? REASONS[error?.code ?? ''] ?? 'refused-by-provider'
