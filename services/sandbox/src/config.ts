import { serviceConfig } from '@bulkhead/chassis/core'
import * as z from 'zod'

/** What the service reads from its environment. */
export const config = serviceConfig.extend({
  REDIS_URL: z.url(),
  PAYMENTS_URL: z.url(),
  SERVICE_TOKENS_DIR: z.string().min(1),
  SANDBOX_WEBHOOK_SECRET: z.string().min(16)
})
