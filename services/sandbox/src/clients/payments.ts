import { createHmac } from 'node:crypto'
import { type Client, newCallContext } from '@bulkhead/chassis/client'
import { defineNeed, needs } from '@bulkhead/chassis/contract'
import type { Clock } from '@bulkhead/chassis/core'
import * as z from 'zod'

const webhookBody = z.object({
  id: z.string(),
  type: z.string(),
  createdAt: z.string(),
  data: z.object({ id: z.string(), reference: z.string() })
})

/** The body of a webhook. It names the payment and the kind of change; the receiver reads the payment's state itself. */
export type WebhookBody = z.infer<typeof webhookBody>

/** Payments receives the webhooks. The signature covers the bytes of the body. */
export const paymentsNeeds = needs('payments', {
  receiveWebhook: defineNeed({
    operation: 'receiveWebhook',
    method: 'post',
    path: '/webhooks/{provider}',
    params: z.object({ provider: z.literal('sandbox') }),
    headers: z.object({ 'stripe-signature': z.string() }),
    body: webhookBody,
    reads: z.unknown()
  })
})

/** How long sending a webhook may take (ms). */
const SEND_MS = 5_000

export const paymentsCallLimits = { timeout: SEND_MS, concurrency: 16 }

/** Sends a signed webhook. Rejects unless payments answers 2xx. */
export type SendWebhook = (body: WebhookBody) => Promise<void>

type PaymentsClient = Client<typeof paymentsNeeds.operations>

/** Returns a function that signs webhooks with `secret` and sends each in a separate trace. */
export function webhookSender(
  payments: Pick<PaymentsClient, 'receiveWebhook'>,
  secret: string,
  clock: Clock
): SendWebhook {
  return async body => {
    const headers = { 'stripe-signature': signature(JSON.stringify(body), secret, clock.now()) }
    await payments.receiveWebhook({ params: { provider: 'sandbox' }, headers, body }, newCallContext(SEND_MS, clock))
  }
}

/** Returns the header `Stripe-Signature` in Stripe's scheme: the time in seconds, and an HMAC-SHA256 of the time, a dot and the body. */
function signature(body: string, secret: string, now: Date): string {
  const t = Math.floor(now.getTime() / 1000)
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`
}
