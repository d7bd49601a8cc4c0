import { operation } from '@bulkhead/chassis/contract'
import * as z from 'zod'

/** Maximum bytes of a webhook. No provider sends more. */
const WEBHOOK_BYTES = 256 * 1024

/**
 * Receives a provider's webhook as a hint to look at a payment. Returns 400 for a bad signature, a signature that is more than five minutes
 * off, or a body that is no webhook. Returns 503 while the answer to our own request may still arrive.
 */
export const receiveWebhook = operation({
  id: 'receiveWebhook',
  method: 'post',
  path: '/webhooks/{provider}',
  summary: 'Report that a payment has changed, as the payment provider',
  callers: ['public'],
  params: z.object({ provider: z.string().max(32) }),
  headers: ['stripe-signature'],
  upload: { type: 'application/json', limit: WEBHOOK_BYTES },
  answers: { 204: { description: 'The webhook is accepted', body: null } }
})
