import { operation } from '@bulkhead/chassis/contract'
import * as z from 'zod'

/** More than any provider sends. */
const WEBHOOK_BYTES = 256 * 1024

/**
 * Takes a provider's webhook as a hint to look at a payment. 400 for a bad signature, one that is more than five minutes off, or a body
 * that is no webhook. 503 while the answer to our own request may still come.
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
