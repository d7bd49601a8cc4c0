import { defineNeed, needs } from '@bulkhead/chassis/contract'
import * as z from 'zod'

/** Where webhooks go. The signature is over the body as it is sent. */
export const paymentsNeeds = needs('payments', {
  receiveWebhook: defineNeed({
    operation: 'receiveWebhook',
    method: 'post',
    path: '/webhooks/{provider}',
    params: z.object({ provider: z.literal('sandbox') }),
    headers: z.object({ 'stripe-signature': z.string() }),
    body: z.object({
      id: z.string(),
      type: z.string(),
      createdAt: z.string(),
      data: z.object({ id: z.string(), reference: z.string() })
    }),
    reads: z.unknown()
  })
})
