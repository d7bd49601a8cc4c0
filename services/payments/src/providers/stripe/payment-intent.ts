import type Stripe from 'stripe'
import type { ProviderPayment } from '../provider.ts'

const STATES: Record<Stripe.PaymentIntent.Status, ProviderPayment['state']> = {
  requires_payment_method: 'declined',
  requires_confirmation: 'pending',
  requires_action: 'pending',
  processing: 'pending',
  requires_capture: 'authorised',
  canceled: 'voided',
  succeeded: 'captured'
}

/** Returns the payment of a PaymentIntent and its refunds. */
export function providerPaymentOf(intent: Stripe.PaymentIntent, refunds: Stripe.Refund[]): ProviderPayment {
  const state = STATES[intent.status] ?? 'pending'
  const hasMoved = ({ status }: Stripe.Refund) => status !== 'failed' && status !== 'canceled'
  return {
    remoteId: intent.id,
    reference: intent.metadata.reference ?? intent.id,
    state,
    captured: state === 'captured' ? intent.amount_received : 0,
    refunds: refunds.filter(hasMoved).map(({ id, amount, metadata }) => ({ id: metadata?.reference ?? id, amount })),
    reason: state === 'declined' ? reasonOf(intent.last_payment_error) : undefined,
    // Stripe's library in the browser needs the client secret for the next step.
    action: state === 'pending' ? { id: intent.client_secret ?? intent.id } : undefined
  }
}

const REASONS: Record<string, string> = {
  card_declined: 'card-declined',
  insufficient_funds: 'insufficient-funds',
  expired_card: 'card-expired',
  authentication_required: 'authentication-failed',
  payment_intent_authentication_failure: 'authentication-failed'
}

/** Returns the reason for an error of Stripe: by its decline code if that code is known, otherwise by its error code. */
export const reasonOf = (error: { code?: string; decline_code?: string } | null | undefined) =>
  REASONS[error?.decline_code ?? ''] ?? REASONS[error?.code ?? ''] ?? 'refused-by-provider'
