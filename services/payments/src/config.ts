import { serviceConfig } from '@bulkhead/chassis/config'
import * as z from 'zod'

/** What the service reads from its environment. */
export const config = serviceConfig.extend({
  MONGODB_URL: z.url(),
  EVENT_LOG_URL: z.url(),
  ORDERS_URL: z.url(),
  SANDBOX_URL: z.url(),
  SERVICE_TOKENS_DIR: z.string().min(1),
  SANDBOX_WEBHOOK_SECRET: z.string().min(16)
})
