import { serviceConfig } from '@bulkhead/chassis/core'
import * as z from 'zod'

/** What the service reads from its environment. */
export const config = serviceConfig
  .extend({
    MONGODB_URL: z.url(),
    EVENT_LOG_URL: z.url(),
    ORDERS_URL: z.url(),
    SERVICE_TOKENS_DIR: z.string().min(1),
    PAYMENT_PROVIDER: z.enum(['sandbox', 'stripe']).default('sandbox'),
    SANDBOX_URL: z.url().optional(),
    SANDBOX_WEBHOOK_SECRET: z.string().min(16).optional(),
    STRIPE_SECRET_KEY: z.string().min(1).optional(),
    STRIPE_WEBHOOK_SECRET: z.string().min(1).optional(),
    /** For a stand-in of Stripe. */
    STRIPE_URL: z.url().optional()
  })
  .superRefine((read, context) => {
    for (const name of neededBy[read.PAYMENT_PROVIDER])
      if (read[name] === undefined)
        context.addIssue({ code: 'custom', path: [name], message: `Needed for ${read.PAYMENT_PROVIDER}` })
  })

const neededBy = {
  sandbox: ['SANDBOX_URL', 'SANDBOX_WEBHOOK_SECRET'],
  stripe: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']
} as const

export type Config = z.infer<typeof config>
