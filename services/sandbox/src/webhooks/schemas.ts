import * as z from 'zod'

/** The behaviour of webhooks. Tests can make them late, doubled, out of order or lost. */
export const webhookBehaviour = z.object({
  delayMs: z.int().min(0).max(600_000).default(0).describe('How long each webhook waits, in milliseconds'),
  copies: z.int().min(1).max(5).default(1).describe('How often each webhook is sent'),
  shuffle: z.boolean().default(false).describe('Each copy waits up to two more seconds, at random'),
  lose: z.number().min(0).max(1).default(0).describe('The share of webhooks that is never sent')
})

export type WebhookBehaviour = z.infer<typeof webhookBehaviour>
